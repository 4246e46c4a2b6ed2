"""Reads a menu's nodes, each kind by its fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from core.document import IDENTIFIER, Form, Node, unknown
from core.ids import QueueId, SkillId
from ivr import model
from ivr.effects import Flaw
from ivr.model import KEYS, REASONS, Choice, Confirm, Needs, Question, Relaxed, Spoken, Treatment
from ivr.parse_words import QUESTION, Known, WordReader

OUTCOMES: Final = ("deflected", "refused", "overflowed")
"""How the menu may end a call; values of ``acd.model.Outcome``."""

KEY: Final = Form(re.compile(f"[{re.escape(KEYS)}]"), f"one of the keys {KEYS}")

_VALUE: Final = Form(
    re.compile(r"[A-Za-z0-9*#_-]{1,64}"), "a value of A-Z, a-z, 0-9, *, #, - and _, 64 at most"
)
_SCALE: Final = Form(re.compile(r"[0-9]{1,2} *- *[0-9]{1,2}"), "a scale such as 1-5")
_SCALES: Final = {"csat": (1, 5), "nps": (0, 10)}
"""Scores that are compared with those of other centres have one scale only."""
_MOST: Final = 10
_EVERY_MS: Final = 45_000
_WAIT_WORDS: Final = ("wait.about", "wait.minutes", "wait.soon", "wait.hour")
_POSITION_WORDS: Final = ("wait.position", "wait.next")
_CALLBACK_WORDS: Final = (
    *("callback.number", "callback.confirm", "callback.ask", "callback.kept", "callback.failed"),
    *(f"callback.{flaw}" for flaw in Flaw),
)
_HANDOVER_WORDS: Final = ("handover.code", "handover.again", "handover.back", "handover.taken")
_WAITING: Final = ("welcome", "first", "every", "position", "wait", "comfort", "offer", "keys")


class _Kind(NamedTuple):
    read: Callable[[Mapping[str, Node], Node], model.Node]
    fields: tuple[str, ...]


class NodeReader(WordReader):
    """Reads single nodes."""

    def __init__(self, known: Known, nodes: Collection[str], variables: Collection[str]) -> None:
        super().__init__(known, nodes, variables)
        self.treatment = Treatment()
        """Of callers in line whose node says nothing else."""
        self._kinds = {
            "say": _Kind(self._say, ("prompts", "next", "barge_in")),
            "menu": _Kind(self._menu, ("prompts", "choices", "repeat", *QUESTION)),
            "collect": _Kind(
                self._collect,
                (
                    *("prompts", "variable", "next", "min_digits", "max_digits", "terminator"),
                    *("digit_timeout", "confirm", *QUESTION),
                ),
            ),
            "hours": _Kind(self._hours, ("hours", "open", "closed", "emergency")),
            "set": _Kind(self._set, ("values", "next")),
            "branch": _Kind(self._branch, ("variable", "ways", "otherwise")),
            "status": _Kind(self._status, ("queue", "next", "closed", "position", "wait", "long")),
            "queue": _Kind(self._queue, ("queue", "skills", "relax", "priority", "waiting", "after")),
            "callback": _Kind(self._callback, ("queue", "back", "next", *QUESTION)),
            "handover": _Kind(self._handover, ("back",)),
            "voicemail": _Kind(
                self._voicemail,
                ("prompts", "queue", "next", "otherwise", "longest", "silence", "shortest", "tries"),
            ),
            "survey": _Kind(self._survey, ("prompts", "questions", "next", *QUESTION)),
            "goto": _Kind(self._goto, ("next",)),
            "hangup": _Kind(self._hangup, ("prompts", "outcome")),
        }

    def read(self, name: str, node: Node) -> tuple[str, model.Node | None]:
        """Return the node under its name, or None where nothing of it can be read."""
        entries = node.entries()
        if not isinstance(node.content, dict):
            return name, None
        kind = (entries.get("kind") or node.absent("kind")).choice(self._kinds)
        if not kind:
            return name, None
        return name, self._kinds[kind].read(node.fields("kind", *self._kinds[kind].fields), node)

    def waiting(self, node: Node) -> Treatment:
        """Return how callers are treated in line."""
        it = node.fields(*_WAITING, *(f"on_{reason}" for reason in REASONS))
        comfort = tuple((self.utterance(item),) for item in it["comfort"].items(optional=True))
        offer = self.prompts(it["offer"], optional=True)
        position, wait = it["position"].flag(False), it["wait"].flag(False)
        self.needed(it["position"] if position else it["wait"], *(_POSITION_WORDS if position else ()))
        self.needed(it["wait"], *(_WAIT_WORDS if wait else ()))
        keys = it["keys"].entries(optional=True, names=KEY)
        if keys and not offer:
            it["keys"].wrong('nobody is told of these keys; say what they do in "offer"')
        default = Treatment()
        every = it["every"].duration(15_000, 600_000, _EVERY_MS)
        return Treatment(
            welcome=self.prompts(it["welcome"], optional=True),
            first_ms=it["first"].duration(5_000, 600_000, default.first_ms),
            every_ms=every if comfort or offer or position or wait else 0,
            position=position,
            wait=wait,
            comfort=comfort,
            offer=offer,
            keys={key: self._choice(entry) for key, entry in keys.items()},
            ways={r: self.target(it[f"on_{r}"]) for r in REASONS if it[f"on_{r}"].present},
        )

    def _say(self, it: Mapping[str, Node], node: Node) -> model.Node:
        return model.SayNode(self.prompts(it["prompts"]), self.target(it["next"]), it["barge_in"].flag(False))

    def _menu(self, it: Mapping[str, Node], node: Node) -> model.Node:
        choices = {key: self._choice(node) for key, node in it["choices"].entries(names=KEY).items()}
        if it["choices"].present and not choices:
            it["choices"].wrong("empty; a menu needs at least one key")
        repeat = it["repeat"].text("", form=KEY)
        if repeat in choices:
            it["repeat"].wrong(f'"{repeat}" is already a choice; use another key')
        return model.MenuNode(self.prompts(it["prompts"]), choices, self.patience(it), repeat)

    def _choice(self, node: Node) -> Choice:
        if isinstance(node.content, str):
            return Choice(self.target(node))
        it = node.fields("next", "language")
        return Choice(self.target(it["next"]), it["language"].choice(self.known.languages, ""))

    def _collect(self, it: Mapping[str, Node], node: Node) -> model.Node:
        least = it["min_digits"].integer(1, 64, 1)
        most = it["max_digits"].integer(1, 64, max(20, least))
        if least > most:
            it["min_digits"].wrong(f"{least} is more than max_digits, {most}")
        terminator = it["terminator"].text("#", form=Form(re.compile(r"[*#]|none"), "*, # or none"))
        return model.CollectNode(
            prompts=self.prompts(it["prompts"]),
            variable=it["variable"].text(form=IDENTIFIER),
            next=self.target(it["next"]),
            patience=self.patience(it),
            min_digits=least,
            max_digits=most,
            terminator=terminator.removeprefix("none"),
            digit_ms=it["digit_timeout"].duration(1_000, 30_000, 4_000),
            confirm=self._confirm(it["confirm"]),
        )

    def _confirm(self, node: Node) -> Confirm | None:
        if not isinstance(node.content, dict):
            if not node.flag(False):
                return None
            node = Node(node.file, node.line, node.key, {}, node.problems)
        it = node.fields("before", "after", "yes", "no")
        default = Confirm(Spoken("collect.readback"), Spoken("collect.confirm"))
        confirm = Confirm(
            self.word(it["before"], default.before),
            self.word(it["after"], default.after),
            it["yes"].text(default.yes, form=KEY),
            it["no"].text(default.no, form=KEY),
        )
        if confirm.yes == confirm.no:
            it["no"].wrong(f'"{confirm.no}" says yes already; use another key')
        return confirm

    def _hours(self, it: Mapping[str, Node], node: Node) -> model.Node:
        hours = it["hours"].choice(self.known.hours)
        emergency = self.target(it["emergency"], "")
        return model.HoursNode(hours, self.target(it["open"]), self.target(it["closed"]), emergency)

    def _set(self, it: Mapping[str, Node], node: Node) -> model.Node:
        values = it["values"].entries(names=IDENTIFIER)
        if it["values"].present and not values:
            it["values"].wrong("empty; at least one variable is needed")
        if "language" in values:
            values["language"].wrong("the language is chosen by a menu: 1: {next: node, language: en}")
        return model.SetNode(
            {name: value.text(form=_VALUE) for name, value in values.items()}, self.target(it["next"])
        )

    def _branch(self, it: Mapping[str, Node], node: Node) -> model.Node:
        variable = self.variable(it["variable"], "language")
        ways = {value: self.target(way) for value, way in it["ways"].entries(names=_VALUE).items()}
        if variable == "language":
            for value in ways:
                if value not in self.known.languages:
                    it["ways"].entries()[value].wrong(
                        unknown(value, self.known.languages, "unknown language")
                    )
        return model.BranchNode(variable, ways, self.target(it["otherwise"]))

    def _status(self, it: Mapping[str, Node], node: Node) -> model.Node:
        position, wait = it["position"].flag(True), it["wait"].flag(True)
        self.needed(node, *(_POSITION_WORDS if position else ()), *(_WAIT_WORDS if wait else ()))
        long = it["long"].fields("after", "next", optional=True)
        there = it["long"].present
        return model.StatusNode(
            queue=QueueId(it["queue"].choice(self.known.queues)),
            next=self.target(it["next"]),
            closed=self.target(it["closed"]),
            position=position,
            wait=wait,
            long_ms=long["after"].duration(60_000, 14_400_000) if there else 0,
            long=self.target(long["next"]) if there else "",
        )

    def _queue(self, it: Mapping[str, Node], node: Node) -> model.Node:
        return model.QueueNode(
            queue=QueueId(it["queue"].choice(self.known.queues)),
            needs=self._needs(it["skills"]),
            priority=it["priority"].integer(-100, 100, 0),
            waiting=self.waiting(it["waiting"]) if it["waiting"].present else self.treatment,
            after=self.target(it["after"], ""),
            relax=self._relax(it["relax"]),
        )

    def _needs(self, node: Node) -> Needs:
        skills = node.entries(optional=True)
        for name, entry in skills.items():
            if name not in self.known.skills:
                entry.wrong(unknown(name, self.known.skills, "unknown skill"))
        return tuple((SkillId(name), entry.integer(1, 10)) for name, entry in skills.items())

    def _relax(self, node: Node) -> Relaxed:
        steps: list[tuple[int, Needs]] = []
        for item in node.items(optional=True):
            it = item.fields("after", "skills")
            after = it["after"].duration(1_000, 86_400_000)
            if steps and it["after"].present and after <= steps[-1][0]:
                it["after"].wrong("no later than the step before; write the steps in order")
            steps.append((after, self._needs(it["skills"])))
        return tuple(steps)

    def _callback(self, it: Mapping[str, Node], node: Node) -> model.Node:
        self.needed(node, *_CALLBACK_WORDS)
        queue, back = it["queue"].choice(self.known.queues, ""), self.target(it["back"], model.LINE)
        patience = self.patience(it, next_=back)
        return model.CallbackNode(
            patience, back, QueueId(queue) if queue else None, self.target(it["next"], "")
        )

    def _handover(self, it: Mapping[str, Node], node: Node) -> model.Node:
        self.needed(node, *_HANDOVER_WORDS)
        return model.HandoverNode(self.target(it["back"], model.LINE))

    def _voicemail(self, it: Mapping[str, Node], node: Node) -> model.Node:
        self.needed(node, "voicemail.kept", "voicemail.empty")
        longest = it["longest"].duration(5_000, 600_000, 120_000)
        shortest = it["shortest"].duration(500, 30_000, 2_000)
        if shortest >= longest:
            it["shortest"].wrong("no shorter than the longest message; nobody could leave one")
        return model.VoicemailNode(
            prompts=self.prompts(it["prompts"]),
            queue=QueueId(it["queue"].choice(self.known.queues)),
            otherwise=self.target(it["otherwise"], model.FAREWELL),
            next=self.target(it["next"], ""),
            max_ms=longest,
            silence_ms=it["silence"].duration(1_000, 60_000, 5_000),
            least_ms=shortest,
            tries=it["tries"].integer(1, 9, 2),
        )

    def _survey(self, it: Mapping[str, Node], node: Node) -> model.Node:
        following = self.target(it["next"])
        questions = it["questions"].entries(names=IDENTIFIER)
        if it["questions"].present and not questions:
            it["questions"].wrong("empty; at least one question is needed")
        return model.SurveyNode(
            prompts=self.prompts(it["prompts"], optional=True),
            questions=tuple(self._question(name, entry) for name, entry in questions.items()),
            next=following,
            patience=self.patience(it, next_=following),
        )

    def _question(self, name: str, node: Node) -> Question:
        it = node.fields("prompts", "scale")
        prompts, usual = self.prompts(it["prompts"]), _SCALES.get(name)
        default = "-".join(map(str, usual)) if usual else None
        text = it["scale"].text(default, form=_SCALE)
        low, high = map(int, text.split("-")) if _SCALE.pattern.fullmatch(text) else (0, _MOST)
        if usual and (low, high) != usual:
            it["scale"].wrong(
                f"{name} is asked from {usual[0]} to {usual[1]}; another scale needs another name"
            )
        elif not low < high <= _MOST:
            it["scale"].wrong(f"{text} must rise, and end at {_MOST} at the latest")
        return Question(name, prompts, low, high)

    def _goto(self, it: Mapping[str, Node], node: Node) -> model.Node:
        return model.GotoNode(self.target(it["next"]))

    def _hangup(self, it: Mapping[str, Node], node: Node) -> model.Node:
        return model.HangUpNode(
            self.prompts(it["prompts"], optional=True), it["outcome"].choice(OUTCOMES, "deflected")
        )
