"""The recorder: takes what Asterisk wrote, checks it against the call, keeps it and says how it turned out.

Every step can be done again, in this order: row, look, repair, move, row. Killed at any point it goes on from
there, because a row stays open until its files are where it says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog

from core.clock import Clock
from core.errors import TryLater
from core.ids import InteractionId
from recording.measure import close, measure
from recording.policy import Flaw, Leg, LegMeasure, is_alarm, judge
from recording.ports import Due, Recording, Recordings, State
from recording.spool import Contents, Side, Spool

log: Final = structlog.get_logger(__name__)

_ORPHANS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what."""

    look_s: float = 1.0
    """Between two looks at the rows and the spool."""
    settled_ms: int = 2_000
    """A file of a call that is over is complete once nothing was written for so long."""
    missing_ms: int = 60_000
    """So long after the call a file that is not there is missing."""
    adopt_ms: int = 30_000
    """A file without a row, to which nothing was written for so long, is adopted."""


class Recorder:
    """Finishes recordings, one at a time."""

    def __init__(self, rows: Recordings, spool: Spool, clock: Clock, pace: Pace | None = None) -> None:
        self._rows = rows
        self._spool = spool
        self._clock = clock
        self._pace = pace or Pace()
        self._troubled: set[InteractionId] = set()
        self._strangers = 0

    async def run(self, ready: Callable[[], None] = lambda: None) -> NoReturn:
        """Work until cancelled. ``ready`` is called once rows and spool could be looked at."""
        await self.look()
        ready()
        while True:
            await asyncio.sleep(self._pace.look_s)
            try:
                await self.look()
            except TryLater as error:
                log.warning("the recordings' rows cannot be reached", reason=str(error))

    async def look(self) -> int:
        """Finish every recording that can be finished now, and return how many were."""
        contents = await asyncio.to_thread(self._spool.contents)
        if contents.strangers != self._strangers:
            log.warning("files in the spool are not recordings", count=contents.strangers)
            self._strangers = contents.strangers
        await self._adopt(contents)
        finished = 0
        for due in await self._rows.due():
            try:
                finished += await self._finish(due)
                self._troubled.discard(due.id)
            except OSError as error:
                # Said once: a full disk stays full for a while.
                if due.id not in self._troubled:
                    self._troubled.add(due.id)
                    log.error("a recording cannot be kept", interaction=due.id, reason=error.strerror)
        return finished

    async def _adopt(self, contents: Contents) -> None:
        """Open rows for files that have none: the call came while control was down."""
        latest = self._clock.now_ms() - self._pace.adopt_ms
        quiet = [id_ for id_, at in contents.written.items() if at <= latest]
        known = await self._rows.known(quiet)
        for id_ in [id_ for id_ in quiet if id_ not in known][:_ORPHANS_AT_ONCE]:
            length = await asyncio.to_thread(self._length, id_)
            await self._rows.adopt(id_, contents.written[id_] - length)
            log.info("recording adopted", interaction=id_)

    def _length(self, id_: InteractionId) -> int:
        found = [self._spool.find(id_, side, 0) for side in Side]
        legs = [measure(path) for path in found if path is not None]
        return max((leg.length_ms for leg in legs if isinstance(leg, LegMeasure)), default=0)

    async def _finish(self, due: Due) -> bool:
        if not await asyncio.to_thread(self._ready, due):
            return False
        recording = await asyncio.to_thread(self._take, due)
        await self._rows.finish(recording)
        say = {State.ALARM: log.warning, State.MISSING: log.error}.get(recording.state, log.info)
        say(
            "recording finished",
            interaction=recording.id,
            state=recording.state.value,
            length_ms=recording.length_ms,
            call_ms=recording.call_ms,
            problems=[problem.value for problem in recording.problems],
        )
        return True

    def _ready(self, due: Due) -> bool:
        now = self._clock.now_ms()
        files = [self._spool.find(due.id, side, due.started_at) for side in Side]
        if None in files and due.call and now - due.call.ended_at < self._pace.missing_ms:
            return False
        written = [path.stat().st_mtime_ns // 1_000_000 for path in files if path is not None]
        return all(now - at >= self._pace.settled_ms for at in written)

    def _take(self, due: Due) -> Recording:
        legs = {side: self._take_leg(due, side) for side in Side}
        customer, agent = legs[Side.CUSTOMER], legs[Side.AGENT]
        names = {
            side: "" if leg is Flaw.MISSING else self._spool.name(due.id, side, due.started_at)
            for side, leg in legs.items()
        }
        measured = [leg for leg in legs.values() if isinstance(leg, LegMeasure)]
        length = max((leg.length_ms for leg in measured), default=None)
        problems = judge(due.call, customer, agent)
        return Recording(
            id=due.id,
            state=_state(due, any(names.values()), is_alarm(problems)),
            started_at=due.started_at,
            ended_at=due.call.ended_at if due.call else due.started_at + (length or 0),
            customer_file=names[Side.CUSTOMER],
            agent_file=names[Side.AGENT],
            length_ms=length,
            call_ms=due.call.ms if due.call else None,
            level_customer_db=_level(customer),
            level_agent_db=_level(agent),
            problems=problems,
        )

    def _take_leg(self, due: Due, side: Side) -> Leg:
        path = self._spool.find(due.id, side, due.started_at)
        if path is None:
            return Flaw.MISSING
        leg = measure(path)
        if isinstance(leg, LegMeasure) and not leg.closed:
            close(path)
        self._spool.keep(due.id, side, due.started_at)
        return leg


def _state(due: Due, kept: bool, alarm: bool) -> State:
    if not kept:
        return State.MISSING
    if alarm:
        return State.ALARM
    return State.FINISHED if due.call else State.ADOPTED


def _level(leg: Leg) -> float | None:
    return round(leg.level_db, 1) if isinstance(leg, LegMeasure) else None
