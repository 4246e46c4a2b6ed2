"""The centre's flows with what is around a caller, as calls ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from acd.model import Channel, Phase, QueueState
from acd.state import State
from core.clock import Clock
from core.ids import InteractionId, QueueId
from ivr import step as interpreter
from ivr.effects import Effect, Flaw, Input, Outlook
from ivr.model import Flow, Session
from pbx.outbound import allowed
from pbx.outbound_model import Denial, OutboundRules
from sambung.centre import Centre, Standing

Predict = Callable[[InteractionId, QueueId], int | None]
"""The wait from now on that 8 of 10 such callers do not exceed, in milliseconds; None if it cannot be told."""

_FLAWS: Final = {
    Denial.MALFORMED: Flaw.MALFORMED,
    Denial.FOREIGN: Flaw.FOREIGN,
    Denial.PREMIUM: Flaw.PREMIUM,
    Denial.OWN: Flaw.OWN,
}


@dataclass(slots=True)
class LineView:
    """What menus see of the line. Filled in once the line is there."""

    state: State | None = None
    predicted: Predict = lambda call, queue: None
    closures: Callable[[], Mapping[str, str]] = dict
    """Emergency closures: the prompt that tells of each, by the hours that are closed."""

    place_code: Callable[[InteractionId], str] = lambda call: ""
    """The code by which a caller's place can be taken along; empty if there is none."""

    def outlook(self, call: InteractionId, queue: QueueId) -> Outlook:
        """Return how things stand at ``queue`` for ``call``, or where it waits already, if it does.

        A caller is told of callers only: messages wait for other agents, as a rule.
        """
        if self.state is None:
            return Outlook()
        contact = self.state.interaction(call)
        if contact is not None and contact.phase is Phase.WAITING and contact.queue is not None:
            # It may have overflowed into another queue than its menu asked for.
            queue = contact.queue
        status = self.state.queue(queue)
        waiting = [id_ for id_ in self.state.waiting(queue) if self._calls(id_)]
        position = waiting.index(call) + 1 if call in waiting else len(waiting) + 1
        return Outlook(
            joins=status is not None
            and status.state is not QueueState.DRAINING
            and self._room(queue, len(waiting)),
            waiting=len(waiting),
            position=position,
            wait_ms=self.predicted(call, queue),
        )

    def _calls(self, id_: InteractionId) -> bool:
        assert self.state is not None
        contact = self.state.interaction(id_)
        return contact is not None and contact.channel is Channel.VOICE

    def _room(self, queue: QueueId, callers: int) -> bool:
        """Whether one more than ``callers`` may join, here or where the queue overflows."""
        assert self.state is not None
        rule = next((rule for rule in self.state.rules.queues if rule.id == queue), None)
        if rule is None or rule.overflow:
            return rule is not None
        return queue not in self.state.shut and (not rule.max_length or callers < rule.max_length)


class CentreMenus:
    """Which flow answers which number."""

    def __init__(self, centre: Centre, clock: Clock, outbound: OutboundRules, line: LineView) -> None:
        self._centre = centre
        self._clock = clock
        self._outbound = outbound
        self._line = line

    @property
    def centre(self) -> Centre:
        """The centre of new calls."""
        return self._centre

    def use(self, centre: Centre) -> None:
        """Give new calls the flows of ``centre``. A call keeps those with which it began, and their hours."""
        self._centre = centre

    def menu(self, call: InteractionId, dialled: str, caller: str) -> CentreMenu:
        """Return the flow for ``call``, by the number that was dialled."""

        def standing() -> Standing:
            return Standing(
                caller=caller,
                outlook=lambda queue: self._line.outlook(call, queue),
                flaw=self.flaw,
                closures=self._line.closures(),
                place_code=lambda: self._line.place_code(call),
            )

        return CentreMenu(self._centre, self._centre.flow(dialled), self._clock, standing)

    def flaw(self, number: str) -> Flaw | None:
        """Return why ``number`` may not be called back; None if it may."""
        return flaw_of(number, self._outbound)


class CentreMenu:
    """One flow, walked at the present time."""

    def __init__(self, centre: Centre, flow: Flow, clock: Clock, standing: Callable[[], Standing]) -> None:
        self._centre = centre
        self._flow = flow
        self._clock = clock
        self._standing = standing

    def step(self, session: Session, given: Input) -> tuple[Session, tuple[Effect, ...]]:
        """Return the session after ``given``, and what to do."""
        around = self._centre.surroundings(self._clock.now_ms(), self._standing())
        return interpreter.step(self._flow, session, given, around)


def flaw_of(number: str, rules: OutboundRules) -> Flaw | None:
    """Return why ``number`` may not be called back by these rules; None if it may."""
    if not rules.allow:
        return Flaw.OFF
    verdict = allowed(number, rules)
    return _FLAWS.get(verdict, Flaw.OFF) if isinstance(verdict, Denial) else None
