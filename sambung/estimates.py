"""Waits, estimated beside the line's work: learns from every contact, simulates in small pieces, keeps what was told.

The line is simulated every two seconds while somebody waits or asks, a few milliseconds at a time, so that no event
waits for it. Announcements and screens read the newest result.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import count
from typing import Final, NamedTuple, Self, TypeVar

import structlog

from acd.effects import Moved
from acd.engine import Engine
from acd.estimate import RUNS, UNKNOWN, Estimate, Simulation
from acd.estimate_learned import LaneKey, Learned
from acd.estimate_learner import Learner
from acd.estimate_look import Looking
from acd.model import Channel, LineRules, Phase
from acd.ports import Entry
from acd.state import State
from core.clock import Clock
from core.ids import InteractionId, QueueId
from pbx.effects import Predict
from store.predictions import Prediction, Predictions, Truth

_log = structlog.get_logger("estimates")

T = TypeVar("T")

_EVERY_S: Final = 2.0
_ENDS_EVERY_MS: Final = 6_000
_LEARN_EVERY_MS: Final = 30_000
_SLICE_S: Final = 0.002
_REST_S: Final = 0.012
"""After so long a piece of simulating, so long a rest: a seventh of the processor at most."""
_FEWEST_RUNS: Final = 20
_ENOUGH_S: Final = 0.8
"""A large centre is simulated fewer times, so that results are not old before they are there."""
_STALE_MS: Final = 30_000
"""An older result is not told."""
_PAST_MS: Final = 28 * 24 * 3_600_000
_MOST_UNWRITTEN: Final = 10_000
_LAST_WRITE_S: Final = 2.0

HANDLING_MS: Final[Mapping[Channel, int]] = {
    Channel.VOICE: 560_000,
    Channel.VIDEO: 960_000,
    Channel.WALKIN: 960_000,
    Channel.WHATSAPP: 980_000,
    Channel.EMAIL: 730_000,
    Channel.INSTAGRAM: 600_000,
    Channel.CHAT: 600_000,
}
"""Mean handling times of a ministry's licensing help desk, until twenty contacts of a queue say otherwise."""


class Basis(StrEnum):
    """What a prediction was made from."""

    PLACE = "place"
    """The contact's own place in the simulated line."""
    END = "end"
    """The place behind the last, of which a newcomer is told."""


class _Result(NamedTuple):
    at: int
    contacts: Mapping[InteractionId, Estimate]
    ends: Mapping[LaneKey, Estimate]
    ends_at: int


class Estimates:
    """A watcher of the line. Keep ``run`` running."""

    def __init__(self, state: Callable[[], State], store: Predictions, clock: Clock) -> None:
        self._state = state
        self._store = store
        self._clock = clock
        self._learner = Learner(_priors(state().rules))
        self._learned: Learned | None = None
        self._learned_at = 0
        self._chance = random.Random()  # noqa: S311 -- a simulation
        self._newest = _Result(0, {}, {}, 0)
        self._open: set[InteractionId] = set()
        """Contacts that were told something and whose truth is not known."""
        self._told: list[Prediction] = []
        self._truths: list[Truth] = []
        self.longest_ms = 0.0
        """The longest time for which the event loop stood still for an estimate."""

    @classmethod
    async def open(cls, url: str, engine: Engine, clock: Clock) -> Self:
        """Watch ``engine``, and keep what is told in the database at ``url``."""
        estimates = cls(lambda: engine.state, await Predictions.open(url), clock)
        engine.watch(estimates)
        return estimates

    # --- what others ask -----------------------------------------------------------------------------------

    def predicted(self, call: InteractionId, queue: QueueId) -> int | None:
        """Return the P80 of the wait from now on of a call that waits in ``queue``, or of one that joins it now."""
        own = self.predicted_ms(call)
        return own if own is not None else self.joining(queue)

    def predicted_ms(self, interaction: InteractionId) -> int | None:
        """Return the P80 of a waiting contact's wait from now on; None if it cannot be said."""
        newest, now = self._newest, self._clock.now_ms()
        if now - newest.at > _STALE_MS:
            return None
        return _less(newest.contacts.get(interaction, UNKNOWN).p80_ms, now - newest.at)

    def joining(self, queue: QueueId, channel: Channel = Channel.VOICE) -> int | None:
        """Return the P80 of the wait of who joins a queue now; of its slowest channel if it has not ``channel``."""
        newest, now = self._newest, self._clock.now_ms()
        if now - newest.ends_at > _STALE_MS:
            return None
        lanes = {key[1]: found.p80_ms for key, found in newest.ends.items() if key[0] == queue}
        if channel in lanes:
            return lanes[channel]
        known = [p80 for p80 in lanes.values() if p80 is not None]
        return max(known, default=None)

    def told(self, predict: Predict) -> None:
        """Keep what a caller is being told."""
        c = self._state().contacts.get(predict.id)
        if predict.wait_ms is None or c is None:
            return
        own = predict.id in self._newest.contacts
        taken = {one.at for one in self._told if one.interaction == predict.id}
        # A text may tell of several queues at once, and a row is known by its contact and its time.
        at = next(ms for ms in count(self._clock.now_ms()) if ms not in taken)
        self._told.append(
            Prediction(
                interaction=predict.id,
                at=at,
                queue=predict.queue,
                channel=c.channel,
                predicted_p80=predict.wait_ms,
                position=predict.position,
                basis=Basis.PLACE if own else Basis.END,
            )
        )
        self._open.add(predict.id)

    # --- what happens --------------------------------------------------------------------------------------

    def saw(self, entries: Sequence[Entry]) -> None:
        """Learn from what happened, and note what became of those who were told something."""
        for entry in entries:
            self._learner.see(self._state(), entry.effects)
            for effect in entry.effects:
                if isinstance(effect, Moved) and effect.id in self._open:
                    self._settle(effect, entry.at)

    def _settle(self, moved: Moved, at: int) -> None:
        if moved.phase in (Phase.TALKING, Phase.CLOSED):
            self._open.discard(moved.id)
            self._truths.append(Truth(moved.id, at, moved.phase is Phase.TALKING))

    # --- the work ------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Learn from the past, then estimate and write, until cancelled."""
        try:
            await self._remember()
            while True:
                await self._refresh()
                await self._write()
                await asyncio.sleep(_EVERY_S)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WRITE_S):
                    await self._write()
            await self._store.close()
            _log.info("estimates over", longest_piece_ms=round(self.longest_ms, 1))

    async def _remember(self) -> None:
        try:
            stays = await self._store.stays(self._clock.now_ms() - _PAST_MS)
            self._open |= await self._store.open_ones() & self._state().contacts.keys()
        except Exception as error:
            # Without the past the first estimates are less good, and nothing else is worse.
            _log.warning("past contacts could not be read", reason=type(error).__name__)
            return
        for stay in stays:
            if stay.answered or stay.gave_up:
                key = (stay.queue, stay.channel)
                self._learner.seen(key, stay.talk_ms, stay.wrap_ms, stay.wait_ms, gave_up=stay.gave_up)

    async def _refresh(self) -> None:
        now = self._clock.now_ms()
        if self._learned is None or now - self._learned_at > _LEARN_EVERY_MS:
            self._learned, self._learned_at = self._timed(lambda: self._learner.learned(now)), now
            await asyncio.sleep(0)
        state, learned = self._state(), self._learned
        before = self._newest
        due = now - before.ends_at >= _ENDS_EVERY_MS
        ends = _lanes(state.rules) if due else ()
        looking = Looking(state, now, learned, self._learner.since(), ends)
        await self._in_pieces(looking.pieces())
        simulation = Simulation(looking.view, self._chance.random)
        await self._in_pieces(_runs(simulation) if looking.view.waiting else iter(()))
        self._newest = _Result(
            at=now,
            contacts=simulation.contacts(),
            ends=simulation.ends() if due else before.ends,
            ends_at=now if due else before.ends_at,
        )

    async def _in_pieces(self, work: Iterator[None]) -> None:
        """Do work with rests, so that the loop has its turns."""
        began = time.perf_counter()
        for _ in work:
            if time.perf_counter() - began > _SLICE_S:
                self._stood(began)
                await asyncio.sleep(_REST_S)
                began = time.perf_counter()
        self._stood(began)

    def _timed(self, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        done = work()
        self._stood(began)
        return done

    def _stood(self, began: float) -> None:
        self.longest_ms = max(self.longest_ms, (time.perf_counter() - began) * 1e3)

    async def _write(self) -> None:
        told, self._told = self._told, []
        truths, self._truths = self._truths, []
        try:
            await self._store.write(told, truths)
        except Exception as error:
            _log.warning("predictions not written yet", rows=len(told), reason=type(error).__name__)
            self._told = [*told, *self._told][-_MOST_UNWRITTEN:]
            self._truths = [*truths, *self._truths][-_MOST_UNWRITTEN:]


def _runs(simulation: Simulation) -> Iterator[None]:
    """Run the simulation in pieces: fewer times where a run takes long."""
    spent = 0.0
    while simulation.runs < RUNS and (simulation.runs < _FEWEST_RUNS or spent < _ENOUGH_S):
        began = time.perf_counter()
        for _ in simulation.pieces():
            spent += time.perf_counter() - began
            yield
            began = time.perf_counter()
        spent += time.perf_counter() - began
        yield


def _less(p80_ms: int | None, elapsed_ms: int) -> int | None:
    return None if p80_ms is None else max(p80_ms - elapsed_ms, 0)


def _lanes(rules: LineRules) -> tuple[LaneKey, ...]:
    """Return every queue on every channel that some profile serves."""
    rows = (row for profile in rules.profiles for row in profile.rows)
    return tuple(dict.fromkeys((row.queue, row.channel) for row in rows))


def _priors(rules: LineRules) -> Mapping[LaneKey, float]:
    return {key: float(HANDLING_MS[key[1]]) for key in _lanes(rules)}
