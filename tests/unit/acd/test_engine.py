"""The one task: journal first, act afterwards, and come back the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from acd import engine as engine_module
from acd.effects import Effect, Moved, SendOffer
from acd.engine import Engine
from acd.events import (
    AgentSignedIn,
    Arrived,
    Configured,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
    Tick,
)
from acd.model import Channel, LineRules, Party, Phase
from acd.ports import Entry, Snapshot
from acd.snapshot import VERSION, dump
from core.errors import Fatal, TryLater
from core.ids import AgentId, QueueId
from tests.unit.acd.world import START, agent, iid, offers, only, rules
from tests.waiting import until

A1 = AgentId("a1")
RULES = rules(agent("a1"), agent("a2"))


class MemoryJournal:
    """Keeps entries by the append; can be made to stop before it is done, or to fail."""

    def __init__(self) -> None:
        self.appends: list[tuple[Entry, ...]] = []
        self.kept: list[Snapshot] = []
        self.fault: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.reading_from: list[int] = []

    @property
    def events(self) -> list[Event]:
        return [entry.event for batch in self.appends for entry in batch]

    async def append(self, entries: Sequence[Entry]) -> None:
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        self.appends.append(tuple(entries))

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, int, Event]]:
        self.reading_from.append(after)
        for batch in self.appends:
            for entry in batch:
                if entry.seq > after:
                    yield entry.seq, entry.at, entry.event

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        self.kept.insert(0, snapshot)

    async def snapshots(self) -> Sequence[Snapshot]:
        return self.kept


class Recorder:
    """A performer that notes what it was told."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []

    def perform(self, effects: Sequence[Effect]) -> None:
        self.effects += effects


class Hand:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = START

    def now_ms(self) -> int:
        return self.now


class Bench:
    """An engine with everything it is given in view."""

    def __init__(self, journal: MemoryJournal | None = None, with_rules: LineRules = RULES) -> None:
        self.journal = journal or MemoryJournal()
        self.performer = Recorder()
        self.clock = Hand()
        self.engine = Engine(self.journal, (self.performer,), self.clock, with_rules)
        self.task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        await self.engine.start()
        self.task = asyncio.create_task(self.engine.run(), name="line")
        try:
            yield self.engine
        finally:
            await self.engine.stop()
            await asyncio.wait([self.task], timeout=5)

    async def sign_in(self, *names: str) -> None:
        for name in map(AgentId, names):
            reach = ReachChanged(name, Channel.VOICE, True)
            await self.engine.submit(reach, AgentSignedIn(name), IntentSet(name, True))

    def arrival(self, number: int) -> tuple[Event, Event]:
        return Arrived(iid(number), Channel.VOICE, self.clock.now), Queued(iid(number), QueueId("oss"))


# --- journal first -----------------------------------------------------------------------------------------


async def test_nothing_is_performed_before_it_is_journalled() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await bench.sign_in("a1")
        bench.performer.effects.clear()
        bench.journal.open.clear()
        waiting = asyncio.create_task(engine.submit(*bench.arrival(1)))
        await until(lambda: engine.state.interaction(iid(1)))
        assert bench.performer.effects == []
        assert not waiting.done()
        bench.journal.open.set()
        assert offers(await waiting) == [(1, "a1")]
        assert bench.performer.effects == waiting.result()


async def test_a_failed_append_is_fatal_and_nothing_of_it_is_performed_or_shown() -> None:
    bench, screen = Bench(), Screen()
    bench.engine.watch(screen)
    async with bench.running() as engine:
        await bench.sign_in("a1")
        bench.performer.effects.clear()
        screen.seen.clear()
        bench.journal.fault = OSError("disk full")
        first, second = (asyncio.create_task(engine.submit(*bench.arrival(n))) for n in (1, 2))
        for submitted in (first, second):
            with pytest.raises(Fatal, match="could not be journalled: disk full"):
                await submitted
        assert bench.task is not None
        with pytest.raises(Fatal, match="disk full"):
            await bench.task
        assert bench.performer.effects == []
        assert screen.seen == []
        with pytest.raises(Fatal):
            await engine.submit(Tick())
        engine.post(Tick())  # dropped, and said so in the log


async def test_a_cancelled_append_leaves_nobody_waiting() -> None:
    bench = Bench()
    async with bench.running() as engine:
        bench.journal.open.clear()
        submitted = asyncio.create_task(engine.submit(*bench.arrival(1)))
        await until(lambda: engine.state.interaction(iid(1)))
        assert bench.task is not None
        bench.task.cancel()
        with pytest.raises(Fatal):
            await submitted


async def test_what_is_submitted_together_lands_in_one_append() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await engine.submit(*bench.arrival(1), *bench.arrival(2))
        assert [type(e.event) for e in bench.journal.appends[-1]] == [Arrived, Queued, Arrived, Queued]
        many = [event for number in range(100, 500) for event in bench.arrival(number)]
        await engine.submit(*many)
        assert [entry.event for entry in bench.journal.appends[-1]] == many
        seqs = [entry.seq for batch in bench.journal.appends for entry in batch]
        assert seqs == list(range(1, len(seqs) + 1))


async def test_each_of_a_batch_gets_the_effects_of_its_own_events() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await bench.sign_in("a1", "a2")
        appends = len(bench.journal.appends)
        one, other = await asyncio.gather(engine.submit(*bench.arrival(1)), engine.submit(*bench.arrival(2)))
        assert (offers(one), offers(other)) == ([(1, "a1")], [(2, "a2")])
        assert len(bench.journal.appends) == appends + 1
        assert bench.performer.effects[-len(one + other) :] == one + other


async def test_who_gave_up_waiting_does_not_disturb_the_others() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await bench.sign_in("a1", "a2")
        bench.journal.open.clear()
        impatient = asyncio.create_task(engine.submit(*bench.arrival(1)))
        patient = asyncio.create_task(engine.submit(*bench.arrival(2)))
        await until(lambda: engine.state.interaction(iid(2)))
        impatient.cancel()
        bench.journal.open.set()
        assert offers(await patient) == [(2, "a2")]
        assert engine.state.interaction(iid(1)) is not None


async def test_stopping_finishes_what_was_handed_over_and_takes_no_more() -> None:
    bench = Bench()
    async with bench.running() as engine:
        last = asyncio.create_task(engine.submit(*bench.arrival(1)))
        await asyncio.sleep(0)
        await engine.stop()
        assert await last
        with pytest.raises(TryLater):
            await engine.submit(Tick())
    assert iid(1) in {e.id for e in bench.journal.events if isinstance(e, Arrived)}


# --- coming back -------------------------------------------------------------------------------------------


async def used(journal: MemoryJournal) -> bytes:
    """Have some calls, and return the state they led to."""
    bench = Bench(journal)
    async with bench.running() as engine:
        await bench.sign_in("a1", "a2")
        for number in range(1, 5):
            bench.clock.now += 1_000
            await engine.submit(*bench.arrival(number))
        await engine.submit(OfferAccepted(only(SendOffer, bench.performer.effects)[0].offer))
        return dump(engine.state)


async def test_a_restart_folds_the_journal_to_the_same_state() -> None:
    journal = MemoryJournal()
    before = await used(journal)
    entries = len(journal.events)
    again = Bench(journal)
    await again.engine.start()
    assert dump(again.engine.state) == before
    assert len(journal.events) == entries
    assert again.performer.effects == []


async def test_a_restart_with_other_rules_journals_them() -> None:
    journal = MemoryJournal()
    await used(journal)
    other = rules(agent("a1"))
    again = Bench(journal, other)
    await again.engine.start()
    assert journal.events[-1] == Configured(other)
    assert [a.id for a in again.engine.state.agents() if a.signed_in] == ["a1"]


async def test_after_a_restart_the_numbers_go_on() -> None:
    journal = MemoryJournal()
    await used(journal)
    last = journal.appends[-1][-1].seq
    again = Bench(journal)
    async with again.running() as engine:
        again.clock.now += 5_000
        await engine.submit(*again.arrival(9))
    assert [e.seq for e in journal.appends[-1]] == [last + 1, last + 2]


async def test_a_snapshot_spares_the_fold_before_it() -> None:
    journal = MemoryJournal()
    before = await used(journal)
    last = len(journal.events)
    await journal.save_snapshot(Snapshot(last, VERSION, before))
    again = Bench(journal)
    await again.engine.start()
    assert journal.reading_from[-1] == last
    assert dump(again.engine.state) == before


@pytest.mark.parametrize(("version", "body"), [("0", None), (VERSION, b"damaged")])
async def test_a_snapshot_that_cannot_be_used_is_passed_over(version: str, body: bytes | None) -> None:
    journal = MemoryJournal()
    before = await used(journal)
    await journal.save_snapshot(Snapshot(len(journal.events), version, before if body is None else body))
    again = Bench(journal)
    await again.engine.start()
    assert journal.reading_from[-1] == 0
    assert dump(again.engine.state) == before


async def test_snapshots_are_kept_as_the_journal_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SNAPSHOT_EVERY", 50)
    bench = Bench()
    async with bench.running() as engine:
        for number in range(1, 101):
            await engine.submit(*bench.arrival(number))
        before = dump(engine.state)
    assert len(bench.journal.kept) >= 3
    again = Bench(bench.journal)
    await again.engine.start()
    assert again.journal.reading_from[-1] == bench.journal.kept[0].seq > 0
    assert dump(again.engine.state) == before


async def test_a_journal_that_cannot_be_read_is_fatal() -> None:
    bench = Bench()
    bench.journal.kept = None  # type: ignore[assignment] # what a broken database gives
    with pytest.raises(Fatal, match="could not be read"):
        await bench.engine.start()


# --- time --------------------------------------------------------------------------------------------------


async def test_a_timer_that_is_due_wakes_the_line_by_itself() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await bench.sign_in("a1", "a2")
        await engine.submit(*bench.arrival(1))
        assert Tick() not in bench.journal.events
        bench.clock.now += 20_000
        await until(lambda: offers(bench.performer.effects)[-1] == (1, "a2"))
        assert bench.journal.events[-1] == Tick()
        assert bench.journal.appends[-1][-1].at == START + 20_000


async def test_a_clock_set_back_is_not_followed() -> None:
    bench = Bench()
    async with bench.running() as engine:
        await engine.submit(*bench.arrival(1))
        bench.clock.now -= 3_600_000
        await engine.submit(*bench.arrival(2))
    times = [entry.at for batch in bench.journal.appends for entry in batch]
    assert times == sorted(times)


# --- races -------------------------------------------------------------------------------------------------


async def test_a_thousand_races_of_accept_and_hang_up_leave_no_lease() -> None:
    bench, rng = Bench(), random.Random(35)
    async with bench.running() as engine:
        await bench.sign_in("a1", "a2")
        for number in range(1, 1_001):
            (sent,) = only(SendOffer, await engine.submit(*bench.arrival(number)))
            race: list[Event] = [OfferAccepted(sent.offer), Ended(iid(number), Party.CUSTOMER)]
            rng.shuffle(race)
            if rng.random() < 0.5:
                await asyncio.gather(*(engine.submit(event) for event in race))
            else:
                for event in race:
                    engine.post(event)
                await engine.submit(Tick())
            bench.performer.effects.clear()
        assert list(engine.state.live()) == []
        assert engine.state.offers == {}
        assert [(a.load, a.ready) for a in engine.state.agents()] == [(0, True), (0, True)]
        assert engine.state.next_wake() is None
    moved = [e for batch in bench.journal.appends for entry in batch for e in only(Moved, [*entry.effects])]
    assert len([e for e in moved if e.phase is Phase.CLOSED]) == 1_000


class Screen:
    """A watcher that notes what it is shown, and may break on it."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.seen: list[Entry] = []
        self.fault = fault

    def saw(self, entries: Sequence[Entry]) -> None:
        if self.fault is not None:
            raise self.fault
        self.seen += entries


async def test_watchers_see_what_is_journalled_and_one_that_breaks_harms_nobody() -> None:
    bench = Bench()
    broken, screen = Screen(ValueError("no such picture")), Screen()
    bench.engine.watch(broken)
    bench.engine.watch(screen)
    with capture_logs() as logs:
        async with bench.running():
            await bench.sign_in("a1")
            await bench.engine.submit(*bench.arrival(1))
    assert {(log["event"], log["watcher"]) for log in logs} == {("a watcher failed", "Screen")}
    written = [entry for batch in bench.journal.appends for entry in batch]
    assert screen.seen == written
    assert [e for entry in screen.seen for e in entry.effects] == bench.performer.effects
