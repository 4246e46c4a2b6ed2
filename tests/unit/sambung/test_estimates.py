"""Estimates as a shell: what is told is kept, its truth follows, and the loop is never held for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from acd.effects import Effect
from acd.events import Arrived, Ended, Event
from acd.model import Channel, Party
from core.ids import InteractionId, QueueId
from pbx.effects import Predict
from sambung.estimates import Estimates
from store.predictions import Prediction, Predictions, Stay, Truth
from tests.unit.acd.world import World, agent, iid, rules
from tests.waiting import until

OSS = QueueId("oss")


class Kept:
    """A store in memory, which may fail."""

    def __init__(self, stays: Sequence[Stay] = ()) -> None:
        self.past = stays
        self.told: list[Prediction] = []
        self.truths: list[Truth] = []
        self.open: frozenset[InteractionId] = frozenset()
        self.broken = False
        self.is_closed = False

    async def write(self, told: Sequence[Prediction], truths: Sequence[Truth]) -> None:
        if self.broken:
            raise OSError("no space left on device")
        self.told += told
        self.truths += truths

    async def open_ones(self) -> frozenset[InteractionId]:
        return self.open

    async def stays(self, since: int) -> Sequence[Stay]:
        return self.past

    async def close(self) -> None:
        self.is_closed = True


class Watched(World):
    """A world that is its own clock and shows what happens to an estimator."""

    def __init__(self, store: Kept, agents: int = 1) -> None:
        self.estimates: Estimates | None = None
        super().__init__(rules(*(agent(f"ag{n}") for n in range(agents))))
        self.estimates = Estimates(lambda: self.state, cast("Predictions", store), self)

    def now_ms(self) -> int:
        return self.now

    def do(self, *events: Event) -> list[Effect]:
        begin = len(self.entries)
        out = super().do(*events)
        if self.estimates is not None:
            self.estimates.saw(self.entries[begin:])
        return out


@asynccontextmanager
async def running(world: Watched) -> AsyncIterator[Estimates]:
    assert world.estimates is not None
    task = asyncio.create_task(world.estimates.run())
    try:
        yield world.estimates
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def one_talking(store: Kept) -> Watched:
    world = Watched(store)
    world.sign_in("ag0")
    world.queue(900)
    world.talk(900)
    world.queue(1)
    world.queue(2)
    return world


PAST = [Stay(OSS, Channel.VOICE, 1_000, 100_000, 0, True, False)] * 40


async def test_who_waits_is_told_its_own_wait_and_who_comes_that_behind_the_last() -> None:
    world = one_talking(Kept(PAST))
    async with running(world) as estimates:
        first = await until(lambda: estimates.predicted_ms(iid(1)))
        second, joins = estimates.predicted_ms(iid(2)), estimates.joining(OSS)
        assert first is not None
        assert second is not None
        assert joins is not None
        assert first == pytest.approx(100_000, abs=1_000)
        assert second == pytest.approx(2 * first, abs=2_000)
        assert joins == pytest.approx(3 * first, abs=4_000)
        assert estimates.predicted(iid(1), OSS) == first
        assert estimates.predicted(iid(77), OSS) == joins
        assert estimates.joining(QueueId("nowhere")) is None


async def test_a_prediction_shrinks_as_time_passes_and_is_not_told_when_old() -> None:
    world = one_talking(Kept(PAST))
    async with running(world) as estimates:
        first = await until(lambda: estimates.predicted_ms(iid(1)))
        assert first is not None
        world.now += 1_000
        assert estimates.predicted_ms(iid(1)) == first - 1_000
        world.now += 3_600_000
        assert estimates.predicted_ms(iid(1)) is None


async def test_what_was_told_is_kept_and_gets_its_truth() -> None:
    store = Kept(PAST)
    world = one_talking(store)
    async with running(world) as estimates:
        await until(lambda: estimates.predicted_ms(iid(1)))
        estimates.told(Predict(iid(1), OSS, 1, 105_000))
        estimates.told(Predict(iid(2), OSS, 2, 210_000))
        estimates.told(Predict(iid(2), OSS, 0, None))
        estimates.told(Predict(iid(88), OSS, 1, 1_000))
        told_at = world.now
        world.after(30)
        world.do(Ended(iid(2), Party.CUSTOMER))
        world.finish(900)
        world.after(31)
        world.talk(1)
        await until(lambda: len(store.truths) == 2)
    assert store.told == [
        Prediction(iid(1), told_at, OSS, Channel.VOICE, 105_000, 1, "place"),
        Prediction(iid(2), told_at, OSS, Channel.VOICE, 210_000, 2, "place"),
    ]
    assert store.truths == [Truth(iid(2), told_at + 30_000, False), Truth(iid(1), world.now, True)]
    assert store.is_closed


async def test_who_was_told_of_two_queues_before_joining_has_two_rows_and_their_truth() -> None:
    store = Kept(PAST)
    world = one_talking(store)
    world.do(Arrived(iid(3), Channel.VOICE, world.now))
    async with running(world) as estimates:
        await until(lambda: estimates.joining(OSS))
        estimates.told(Predict(iid(3), OSS, 0, 310_000))
        estimates.told(Predict(iid(3), QueueId("tax"), 0, 60_000))
        told_at = world.now
        world.after(20)
        world.do(Ended(iid(3), Party.CUSTOMER))
        await until(lambda: store.truths)
    assert [(one.queue, one.at, one.basis) for one in store.told] == [
        (OSS, told_at, "end"),
        (QueueId("tax"), told_at + 1, "end"),
    ]
    assert store.truths == [Truth(iid(3), told_at + 20_000, False)]


async def test_who_was_told_before_a_restart_gets_its_truth_too() -> None:
    store = Kept(PAST)
    store.open = frozenset({iid(1), iid(55)})
    world = one_talking(store)
    async with running(world) as estimates:
        await until(lambda: estimates.predicted_ms(iid(1)))
        world.do(Ended(iid(1), Party.CUSTOMER))
    assert [truth.interaction for truth in store.truths] == [iid(1)]


async def test_a_store_that_fails_loses_nothing_and_stops_nothing() -> None:
    store = Kept(PAST)
    store.broken = True
    world = one_talking(store)
    async with running(world) as estimates:
        await until(lambda: estimates.predicted_ms(iid(1)))
        estimates.told(Predict(iid(1), OSS, 1, 105_000))
        await asyncio.sleep(0.05)
        store.broken = False
    assert len(store.told) == 1


async def test_nobody_on_duty_is_unknown() -> None:
    world = Watched(Kept())
    world.queue(1)
    async with running(world) as estimates:
        await until(lambda: estimates.joining(OSS) is None and estimates._newest.at)
        assert estimates.predicted(iid(1), OSS) is None


async def test_the_loop_is_not_held_while_many_wait() -> None:
    world = Watched(Kept(PAST), agents=60)
    world.sign_in(*(f"ag{n}" for n in range(60)))
    for number in range(60):
        world.queue(900 + number)
        world.talk(900 + number)
    for number in range(1, 300):
        world.queue(number)
    turns = 0
    async with running(world) as estimates:
        while estimates.predicted_ms(iid(299)) is None:
            turns += 1
            await asyncio.sleep(0)
    # Two hundred runs of three hundred waits are many pieces, and between two of them others have their turn.
    assert turns > 200
