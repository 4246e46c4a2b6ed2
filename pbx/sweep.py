"""Compare every few seconds what calls believe to be there with what Asterisk has.

Asterisk sends no event twice. If one is lost, a call would wait for it for ever and its agent with it; here it is
made up for. Whatever is not as it should be is believed only when it is seen in two sweeps in a row, for a snapshot
may be older than the events that come with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

import msgspec
import structlog

from core.errors import SambungError
from core.ids import LegId
from pbx.ari import Owner
from pbx.call import Call, Stage
from pbx.effects import HangUp
from pbx.model import Leg, LegDestroyed, LegEntered
from pbx.ports import Line
from pbx.recover import arrived_id, is_stray, stasis_arguments
from pbx.recover_talk import claim
from pbx.service import Voice
from pbx.wire import Wiring

_log = structlog.get_logger("sweep")

EVERY_S: Final = 5.0
"""Between two sweeps. A leg whose end was not heard is noticed after at most two, and the time between."""


class Belief(NamedTuple):
    """What calls hold about legs at a moment."""

    alive: frozenset[LegId]
    """Legs that have to be there: their calls wait for nothing from Asterisk."""
    named: frozenset[LegId]
    """Legs that somebody knows, those included that are being made or ended."""


class Findings(NamedTuple):
    """What is to be made up for."""

    gone: frozenset[LegId]
    """Legs whose end was not heard."""
    unknown: tuple[Leg, ...]
    """Legs in our application, or made by us, of which nobody knows."""


class Judge:
    """Tells what is wrong from what is merely on its way. Pure."""

    def __init__(self) -> None:
        self._missing: frozenset[LegId] = frozenset()
        self._unknown: frozenset[LegId] = frozenset()

    def forget(self) -> None:
        """Suspect nothing: the next snapshot is the first again."""
        self._missing = self._unknown = frozenset()

    def compare(self, before: Belief, legs: Iterable[Leg], after: Belief) -> Findings:
        """Return what was wrong the last time, too. ``legs`` were there at some time from ``before`` to ``after``."""
        there = {leg.id: leg for leg in legs}
        missing = (before.alive & after.alive) - there.keys()
        unknown = frozenset(id_ for id_, leg in there.items() if _ours(leg)) - before.named - after.named
        found = Findings(
            missing & self._missing, tuple(there[id_] for id_ in sorted(unknown & self._unknown))
        )
        self._missing, self._unknown = missing, unknown
        return found


def _ours(leg: Leg) -> bool:
    return is_stray(leg) or arrived_id(leg) is not None


def alive(call: Call) -> frozenset[LegId]:
    """Return the legs that ``call`` believes to be there, provided that nothing is left to be done for it."""
    if call.stage is Stage.OVER:
        return frozenset()
    legs = set(named(call))
    if call.gone:
        legs.discard(call.leg)
    dial = call.dial
    if call.stage is Stage.DIAL and call.agent and dial and dial.customer_first and not dial.confirmed:
        # The agent is kept free and not rung yet.
        legs.discard(call.agent.leg)
    return frozenset(legs)


def named(call: Call) -> frozenset[LegId]:
    """Return every leg that ``call`` knows."""
    dialled = {call.dial.leg} if call.dial and call.dial.leg else set()
    return (claim(call).legs | dialled) - {LegId("")}


class Sweep:
    """Looks, and makes up for what was not heard."""

    def __init__(
        self,
        voice: Voice,
        wiring: Wiring,
        line: Line,
        owner: Owner,
        elsewhere: Callable[[], Collection[LegId]],
    ) -> None:
        """``owner`` is told what should have been heard; ``elsewhere`` are legs that are no call's."""
        self._voice = voice
        self._wiring = wiring
        self._line = line
        self._owner = owner
        self._elsewhere = elsewhere
        self._judge = Judge()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                if not await self._once():
                    self._judge.forget()
            except (SambungError, msgspec.DecodeError) as error:
                self._judge.forget()
                _log.warning("calls could not be compared with asterisk", reason=str(error))

    async def _once(self) -> bool:
        """Compare; return whether that could be done."""
        before = self._belief()
        if not self._voice.up.is_set():
            return False
        legs = await self._wiring.legs()
        if not self._voice.up.is_set():
            return False
        found = self._judge.compare(before, legs, self._belief())
        for leg in sorted(found.gone):
            _log.warning("a leg had ended unheard", leg=leg)
            self._owner.on_event(LegDestroyed(Leg(leg)))
        for stray in found.unknown:
            await self._settle(stray)
        return True

    def _belief(self) -> Belief:
        tracks = self._voice.tracks
        idle = (track.call for track in tracks if track.worker is None and not track.todo)
        return Belief(
            frozenset().union(*map(alive, idle)),
            frozenset(self._elsewhere()).union(*(named(track.call) for track in tracks)),
        )

    async def _settle(self, leg: Leg) -> None:
        """Take a caller whose coming was not heard; end what belongs to nobody."""
        caller = arrived_id(leg)
        over = caller is None or bool(await self._line.known([caller]))
        if leg.id in self._belief().named:
            return
        if over:
            _log.warning("a leg of nobody's is ended", leg=leg.id)
            await self._wiring.do(HangUp(leg.id))
        else:
            _log.warning("a caller had come unheard", leg=leg.id)
            self._owner.on_event(LegEntered(leg, tuple(stasis_arguments(leg))))
