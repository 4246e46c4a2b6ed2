"""A menu's document as a ``Flow``, or every reason why it is none.

Beyond each value it is checked that every name is known, every node can be reached, and a caller who does nothing
comes to an end: no way leads back to itself without a key pressed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from core.document import IDENTIFIER, Form, Node, unknown
from core.ids import QueueId, SkillId
from ivr import model
from ivr.model import FAREWELL, KEYS, Choice, Flow, Patience, Spoken

OUTCOMES: Final = ("deflected", "refused")
"""How the menu may end a call; values of ``acd.model.Outcome``."""

_KEY: Final = Form(re.compile(f"[{re.escape(KEYS)}]"), f"one of the keys {KEYS}")
_QUESTION: Final = ("timeout", "tries", "on_invalid", "on_timeout", "invalid", "silence", "barge_in")


@dataclass(frozen=True, slots=True)
class Known:
    """The names a menu may use."""

    prompts: Collection[str]
    queues: Collection[str]
    hours: Collection[str]
    skills: Collection[str]
    languages: Sequence[str]
    """The first is spoken until the caller chooses."""
    needs: Mapping[str, tuple[tuple[SkillId, int], ...]]
    """What an agent must know to serve a caller of each language."""


def parse(document: Node, known: Known) -> Flow:
    """Return the flow in ``document``. What is wrong is noted there; the flow is sound only if nothing was."""
    noted = len(document.problems)
    top = document.fields("numbers", "start", "nodes")
    nodes = top["nodes"].entries(names=IDENTIFIER)
    if top["nodes"].present and not nodes:
        top["nodes"].wrong("empty; at least one node is needed")
    reader = _Reader(known, nodes)
    parsed = {name: node for name, node in map(reader.read, nodes, nodes.values()) if node is not None}
    start = top["start"].choice(nodes) if nodes else ""
    flow = Flow(start, parsed, known.languages[0], dict(known.needs))
    if len(document.problems) == noted:
        _check_reach(flow, nodes)
        _check_end(flow, nodes)
    if any(FAREWELL in targets(node) for node in parsed.values()):
        if "goodbye" not in known.prompts:
            document.wrong('a menu that gives up says "goodbye"; that prompt is missing')
        parsed[FAREWELL] = model.HangUpNode((Spoken("goodbye"),), "deflected")
    return flow


def targets(node: model.Node) -> tuple[str, ...]:
    """Return the nodes to which ``node`` may lead."""
    match node:
        case model.MenuNode(choices=choices):
            return (*(choice.next for choice in choices.values()), node.patience.on_invalid, *unasked(node))
        case model.CollectNode(next=name, patience=patience):
            return (name, patience.on_invalid, patience.on_timeout)
    return unasked(node)


def unasked(node: model.Node) -> tuple[str, ...]:
    """Return the nodes to which ``node`` leads a caller who presses nothing."""
    match node:
        case model.SayNode(next=name) | model.GotoNode(next=name):
            return (name,)
        case model.HoursNode(open=opened, closed=closed):
            return (opened, closed)
        case model.MenuNode(patience=patience) | model.CollectNode(patience=patience):
            return (patience.on_timeout,)
    return ()


def _check_reach(flow: Flow, nodes: Mapping[str, Node]) -> None:
    reached: set[str] = set()
    ahead = [flow.start]
    while ahead:
        name = ahead.pop()
        if name not in reached and name in flow.nodes:
            reached.add(name)
            ahead.extend(targets(flow.nodes[name]))
    for name, node in nodes.items():
        if name not in reached:
            node.wrong("no caller can come here; let another node lead to it, or remove it")


def _check_end(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """Note a way that leads back to itself without a key pressed, if there is any."""
    try:
        TopologicalSorter({name: unasked(node) for name, node in flow.nodes.items()}).prepare()
    except CycleError as e:
        # A name before the next is one to which the next leads; the last is the first again.
        ring = [*reversed(e.args[1])][1:]
        at = ring.index(min(ring, key=[*nodes].index))
        way = [*ring[at:], *ring[: at + 1]]
        nodes[way[0]].wrong(
            f"a caller who presses nothing goes round for ever: {' -> '.join(way)}; "
            "let one of them lead to a queue or a hangup"
        )


class _Reader:
    """Reads single nodes."""

    def __init__(self, known: Known, nodes: Collection[str]) -> None:
        self._known = known
        self._nodes = nodes
        self._kinds: dict[str, tuple[Callable[[Mapping[str, Node]], model.Node], tuple[str, ...]]] = {
            "say": (self._say, ("prompts", "next", "barge_in")),
            "menu": (self._menu, ("prompts", "choices", "repeat", *_QUESTION)),
            "collect": (
                self._collect,
                (
                    "prompts",
                    "variable",
                    "next",
                    "min_digits",
                    "max_digits",
                    "terminator",
                    "digit_timeout",
                    *_QUESTION,
                ),
            ),
            "hours": (self._hours, ("hours", "open", "closed")),
            "queue": (self._queue, ("queue", "skills", "priority")),
            "goto": (self._goto, ("next",)),
            "hangup": (self._hangup, ("prompts", "outcome")),
        }

    def read(self, name: str, node: Node) -> tuple[str, model.Node | None]:
        entries = node.entries()
        if not isinstance(node.content, dict):
            return name, None
        kind = (entries.get("kind") or node.absent("kind")).choice(self._kinds)
        if not kind:
            return name, None
        make, fields = self._kinds[kind]
        return name, make(node.fields("kind", *fields))

    def _say(self, it: Mapping[str, Node]) -> model.Node:
        return model.SayNode(
            self._prompts(it["prompts"]), self._target(it["next"]), it["barge_in"].flag(False)
        )

    def _menu(self, it: Mapping[str, Node]) -> model.Node:
        choices = {key: self._choice(node) for key, node in it["choices"].entries(names=_KEY).items()}
        if it["choices"].present and not choices:
            it["choices"].wrong("empty; a menu needs at least one key")
        repeat = it["repeat"].text("", form=_KEY)
        if repeat in choices:
            it["repeat"].wrong(f'"{repeat}" is already a choice; use another key')
        return model.MenuNode(self._prompts(it["prompts"]), choices, self._patience(it), repeat)

    def _choice(self, node: Node) -> Choice:
        if isinstance(node.content, str):
            return Choice(self._target(node))
        it = node.fields("next", "language")
        return Choice(self._target(it["next"]), it["language"].choice(self._known.languages, ""))

    def _collect(self, it: Mapping[str, Node]) -> model.Node:
        least = it["min_digits"].integer(1, 64, 1)
        most = it["max_digits"].integer(1, 64, max(20, least))
        if least > most:
            it["min_digits"].wrong(f"{least} is more than max_digits, {most}")
        terminator = it["terminator"].text("#", form=Form(re.compile(r"[*#]|none"), "*, # or none"))
        return model.CollectNode(
            prompts=self._prompts(it["prompts"]),
            variable=it["variable"].text(form=IDENTIFIER),
            next=self._target(it["next"]),
            patience=self._patience(it),
            min_digits=least,
            max_digits=most,
            terminator=terminator.removeprefix("none"),
            digit_ms=it["digit_timeout"].duration(1_000, 30_000, 4_000),
        )

    def _hours(self, it: Mapping[str, Node]) -> model.Node:
        hours = it["hours"].choice(self._known.hours)
        return model.HoursNode(hours, self._target(it["open"]), self._target(it["closed"]))

    def _queue(self, it: Mapping[str, Node]) -> model.Node:
        skills = it["skills"].entries(optional=True)
        for name, node in skills.items():
            if name not in self._known.skills:
                node.wrong(unknown(name, self._known.skills, "unknown skill"))
        return model.QueueNode(
            queue=QueueId(it["queue"].choice(self._known.queues)),
            needs=tuple((SkillId(name), node.integer(1, 10)) for name, node in skills.items()),
            priority=it["priority"].integer(-100, 100, 0),
        )

    def _goto(self, it: Mapping[str, Node]) -> model.Node:
        return model.GotoNode(self._target(it["next"]))

    def _hangup(self, it: Mapping[str, Node]) -> model.Node:
        return model.HangUpNode(
            self._prompts(it["prompts"], optional=True), it["outcome"].choice(OUTCOMES, "deflected")
        )

    def _patience(self, it: Mapping[str, Node]) -> Patience:
        default = Patience(Spoken("invalid"), Spoken("silence"))
        return Patience(
            invalid=self._word(it["invalid"], default.invalid),
            silence=self._word(it["silence"], default.silence),
            timeout_ms=it["timeout"].duration(1_000, 60_000, default.timeout_ms),
            tries=it["tries"].integer(1, 9, default.tries),
            on_invalid=self._target(it["on_invalid"], default.on_invalid),
            on_timeout=self._target(it["on_timeout"], default.on_timeout),
            barge_in=it["barge_in"].flag(default.barge_in),
        )

    def _word(self, node: Node, default: Spoken) -> Spoken:
        if node.present:
            return self._spoken(node)
        if default.prompt not in self._known.prompts:
            node.wrong(f'the prompt "{default.prompt}" is missing; write it, or name another one here')
        return default

    def _prompts(self, node: Node, *, optional: bool = False) -> tuple[Spoken, ...]:
        items = node.items(optional=optional)
        if node.content == ():
            node.wrong("empty; at least one prompt is needed")
        return tuple(self._spoken(item) for item in items)

    def _spoken(self, node: Node) -> Spoken:
        text = node.text()
        language, slash, name = text.rpartition("/")
        if slash and language not in self._known.languages:
            node.wrong(unknown(language, self._known.languages, "unknown language"))
        elif text and name not in self._known.prompts:
            node.wrong(unknown(name, self._known.prompts, "unknown prompt"))
        return Spoken(name, language)

    def _target(self, node: Node, default: str | None = None) -> str:
        return node.choice(self._nodes, default)
