"""A caller made up: walks a flow by what is typed, and says in words what a caller would hear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from core.ids import QueueId
from ivr.effects import (
    Answer,
    Began,
    Effect,
    Flaw,
    HangUp,
    Input,
    JoinQueue,
    Key,
    LeaveQueue,
    Left,
    Music,
    Outlook,
    Over,
    Played,
    Promise,
    Promised,
    Record,
    Recorded,
    Say,
    Served,
    Settle,
    TimedOut,
    Waiting,
)
from ivr.model import KEYS, REASONS, Flow, Phase, Session
from ivr.step import step
from sambung.centre import Centre, Moment, Standing

_MESSAGE_MS: Final = 10_000
_WORDS: Final = {
    Phase.LISTENING: f"keys {KEYS}, or Enter for none",
    Phase.WAITING: f"keys, Enter to wait on, agent, {', '.join(REASONS)}",
    Phase.JOINING: f"Enter, agent, {', '.join(REASONS)}",
    Phase.SERVED: "over: the agent hangs up",
    Phase.PROMISING: "Enter: it is written down, no: it is not",
    Phase.RECORDING: "Enter: a message of 10 s, empty: none",
}


@dataclass(frozen=True, slots=True)
class Line:
    """How things are made to stand: for the caller, and at every queue."""

    caller: str = "081234567890"
    position: int = 3
    wait_ms: int = 240_000
    closures: Mapping[str, str] = field(default_factory=dict)


class Walk:
    """One made-up call."""

    def __init__(
        self,
        centre: Centre,
        flow: Flow,
        now: datetime,
        line: Line,
        flaw: Callable[[str], Flaw | None],
    ) -> None:
        """``now`` stands still; every announcement in line brings the caller one place forward."""
        self._centre = centre
        self._flow = flow
        self._line = line
        self._announcements = 0
        self._session = Session()
        self._ending = "you hung up"
        standing = Standing(line.caller, self._outlook, flaw, line.closures, lambda: "47110815")
        self._around = Moment(now, centre.hours, centre.always_open, standing)

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._session.phase is Phase.DONE

    def begin(self) -> Iterator[str]:
        """Call, and yield what happens until something is to be typed."""
        yield f"{self._around.now:%A %d %B %Y %H:%M}, calling from {self._line.caller or 'a withheld number'}"
        yield from self._give(Began())

    def choices(self) -> str:
        """Return what may be typed."""
        return f"{_WORDS.get(self._session.phase, 'Enter')}; quit"

    def take(self, typed: str) -> Iterator[str]:
        """Do what was typed, and yield what happens until something is to be typed again."""
        if typed == "quit":
            self._session = Session(phase=Phase.DONE, collected=self._session.collected)
            return
        inputs = list(self._inputs(typed))
        if not inputs:
            yield f"  ? {typed}: not now"
        for given in inputs:
            yield from self._give(given)

    def summary(self) -> str:
        """Return how the call ended, and what the flow knows of the caller."""
        variables = ", ".join(f"{name} = {value}" for name, value in self._session.collected.items())
        return f"End: {self._ending}.{f' Variables: {variables}' if variables else ''}"

    def _inputs(self, typed: str) -> Iterator[Input]:
        token, phase = self._session.token, self._session.phase
        match typed, phase:
            case (("" | "timeout"), Phase.LISTENING | Phase.WAITING):
                self._announcements += phase is Phase.WAITING
                yield TimedOut(token)
            case "agent", Phase.JOINING | Phase.WAITING:
                yield Served()
            case why, Phase.JOINING | Phase.WAITING if why in REASONS:
                yield Left(why)
            case "", Phase.JOINING:
                yield Waiting()
            case (("" | "over"), Phase.SERVED):
                yield Over()
            case (("" | "no"), Phase.PROMISING):
                yield Promised(token - 1, kept=not typed)
            case (("" | "empty"), Phase.RECORDING):
                yield Recorded(token - 1, 0 if typed else _MESSAGE_MS)
            case keys, _ if keys and all(key in KEYS for key in keys):
                yield from map(Key, keys)

    def _give(self, given: Input) -> Iterator[str]:
        """Give an input, and hear everything to its end."""
        inputs = [given]
        while inputs:
            self._session, effects = step(self._flow, self._session, inputs.pop(), self._around)
            for effect in effects:
                yield from self._happened(effect)
            if self._session.phase is Phase.SPEAKING:
                inputs.append(Played(self._session.token))

    def _happened(self, effect: Effect) -> Iterator[str]:
        match effect:
            case Say(prompts=prompts):
                language, words = "", ""
                for prompt in prompts:
                    if prompt.language != language and words:
                        yield f"  {language}: {words.strip()}"
                        words = ""
                    language = prompt.language
                    words += f" {self._centre.prompts.texts[prompt.name].get(language, prompt.name)}"
                yield f"  {language}: {words.strip()}"
            case Music():
                yield "  (music)"
            case JoinQueue(queue=queue, language=language, needs=needs, priority=priority):
                asked = ", ".join(f"{skill} {level}" for skill, level in needs) or "nothing"
                yield f"  (joins the line {queue}: language {language}, asks {asked}, priority {priority})"
            case LeaveQueue(cause=cause):
                yield f"  (leaves the line for {cause})"
            case Promise(number=number, queue=queue):
                yield f"  (a callback to {number}, in the line {queue})"
            case Record(queue=queue):
                yield f"  (records for {queue})"
            case Answer(question=question, score=score):
                yield f"  (answers {question}: {score})"
            case Settle(outcome=outcome):
                yield f"  (the call counts as {outcome})"
            case HangUp(outcome=outcome, cause=cause):
                self._ending = f"{outcome}, at {cause}"

    def _outlook(self, queue: QueueId) -> Outlook:
        place = max(1, self._line.position - self._announcements)
        share = place / max(1, self._line.position)
        return Outlook(True, self._line.position, place, round(self._line.wait_ms * share))
