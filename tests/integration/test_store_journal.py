"""The journal and its rows on both databases: what is appended is there, whole, and only once."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.effects import Receipt
from acd.model import Channel, Outcome, Phase
from acd.ports import Snapshot
from core.errors import Fatal, Refused
from store.journal import SqlJournal
from store.queries import Queries
from store.views import History, Segment
from tests.unit.store.stories import OSS, START, TAX, Story, iid

pytest_plugins = ("tests.integration.postgres_fixture",)


@pytest_asyncio.fixture
async def journal(store_url: str) -> AsyncIterator[SqlJournal]:
    journal = await SqlJournal.open(store_url)
    yield journal
    await journal.close()


@pytest_asyncio.fixture
async def queries(journal: SqlJournal, store_url: str) -> AsyncIterator[Queries]:
    queries = await Queries.open(store_url)
    yield queries
    await queries.close()


async def _history(queries: Queries, number: int) -> History:
    history = await queries.history(iid(number))
    assert history is not None
    return history


def _durations(segment: Segment) -> tuple[int, int, int, int, int]:
    return segment.wait_ms, segment.ring_ms, segment.talk_ms, segment.hold_ms, segment.wrap_ms


async def test_a_handled_call(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.handled(0, 1, "ag101")
    await journal.append(story.entries)
    history = await _history(queries, 1)

    call = history.interaction
    assert (call.channel, call.dialled, call.caller) == (Channel.VOICE, "169", "+62811")
    assert (call.phase, call.outcome, call.abandoned_in) == (Phase.CLOSED, Outcome.HANDLED, None)
    assert (call.queue, call.agent) == (OSS, "ag101")
    assert (call.arrived_at, call.left_at, call.closed_at) == (START, START + 70_000, START + 100_000)
    assert [step.phase for step in history.transitions][-2:] == [Phase.WRAPPING, Phase.CLOSED]
    (segment,) = history.segments
    assert _durations(segment) == (3_000, 5_000, 60_000, 0, 30_000)
    assert segment.accepted_at == START + 9_000
    assert segment.result == Outcome.HANDLED
    (explanation,) = history.receipts
    assert (explanation.receipt.id, explanation.receipt.winner, explanation.seq) == (iid(1), "ag101", 3)
    assert history.recording is not None
    assert history.recording.state == "open"
    assert history.recording.started_at == START


async def test_a_missed_offer_and_a_second_agent(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.arrive(0, 1)
    story.queue(1, 1)
    story.offer(2, 1, "ag101")
    story.reject(22, 1)
    story.offer(22, 1, "ag102")
    story.accept(25, 1)
    story.connect(26, 1)
    story.end(36, 1)
    story.wrapped(40, 1)
    await journal.append(story.entries)
    history = await _history(queries, 1)
    missed, taken = history.segments
    assert (missed.agent, missed.result, missed.cause) == ("ag101", "not_taken", "rejected")
    assert _durations(missed) == (1_000, 20_000, 0, 0, 0)
    assert (taken.agent, taken.result) == ("ag102", "handled")
    assert _durations(taken) == (0, 4_000, 10_000, 0, 4_000)


async def test_holds_and_a_transfer(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.arrive(0, 1)
    story.queue(0, 1)
    story.offer(0, 1, "ag101")
    story.accept(1, 1)
    story.connect(1, 1)
    story.hold(11, 1)
    story.resume(16, 1)
    story.hold(20, 1)
    story.transfer(22, 1, TAX)
    story.offer(23, 1, "ag102", TAX)
    story.accept(24, 1)
    story.connect(24, 1)
    story.hold(30, 1)
    story.end(33, 1)
    story.wrapped(34, 1)
    await journal.append(story.entries)
    first, second = (await _history(queries, 1)).segments
    assert (first.queue, first.result) == (OSS, "transferred")
    assert _durations(first) == (0, 1_000, 14_000, 7_000, 0)
    assert (second.queue, second.result) == (TAX, "handled")
    assert _durations(second) == (1_000, 1_000, 6_000, 3_000, 1_000)


@pytest.mark.parametrize("phase", [Phase.IN_MENU, Phase.WAITING, Phase.OFFERED, Phase.CONNECTING])
async def test_an_abandon(journal: SqlJournal, queries: Queries, phase: Phase) -> None:
    story = Story()
    story.arrive(0, 1)
    if phase is not Phase.IN_MENU:
        story.queue(1, 1)
    if phase in (Phase.OFFERED, Phase.CONNECTING):
        story.offer(3, 1, "ag101")
    if phase is Phase.CONNECTING:
        story.accept(6, 1)
    story.abandon(10, 1, phase)
    await journal.append(story.entries)
    history = await _history(queries, 1)
    call = history.interaction
    assert (call.outcome, call.abandoned_in) == (Outcome.ABANDONED, phase)
    assert call.left_at == call.closed_at == START + 10_000
    expected = {
        Phase.IN_MENU: [],
        Phase.WAITING: [(9_000, 0, 0, 0, 0)],
        Phase.OFFERED: [(2_000, 7_000, 0, 0, 0)],
        Phase.CONNECTING: [(2_000, 7_000, 0, 0, 0)],
    }
    assert [_durations(segment) for segment in history.segments] == expected[phase]
    assert {segment.result for segment in history.segments} <= {"abandoned"}


async def test_a_failure_while_talking(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.arrive(0, 1)
    story.queue(0, 1)
    story.offer(0, 1, "ag101")
    story.accept(1, 1)
    story.connect(1, 1)
    story.fail(8, 1)
    await journal.append(story.entries)
    history = await _history(queries, 1)
    (segment,) = history.segments
    assert _durations(segment) == (0, 1_000, 7_000, 0, 0)
    assert (history.interaction.outcome, segment.result, segment.cause) == (
        Outcome.FAILED,
        "failed",
        "asterisk_restarted",
    )


def _random_life(story: Story, chance: random.Random, number: int, s: float) -> tuple[int, Outcome]:
    """Tell a life at random; return its milliseconds of talk and its outcome."""
    clock = s

    def later() -> float:
        nonlocal clock
        clock += chance.randrange(1, 20)
        return clock

    story.arrive(clock, number)
    if chance.random() < 0.2:
        story.dismiss(later(), number, Outcome.DEFLECTED)
        return 0, Outcome.DEFLECTED
    story.queue(later(), number)
    talk = 0
    while True:
        if chance.random() < 0.15:
            story.abandon(later(), number, Phase.WAITING)
            return talk, Outcome.ABANDONED
        story.offer(later(), number, f"ag{chance.randrange(9)}")
        if chance.random() < 0.3:
            story.reject(later(), number)
            continue
        story.accept(later(), number)
        story.connect(later(), number)
        while True:
            start = clock
            step = chance.choice(["hold", "transfer", "end", "fail"])
            end = later()
            talk += round((end - start) * 1000)
            if step == "hold":
                story.hold(end, number)
                story.resume(later(), number)
            elif step == "transfer":
                story.transfer(end, number, TAX)
                break
            elif step == "fail":
                story.fail(end, number)
                return talk, Outcome.FAILED
            else:
                story.end(end, number)
                story.wrapped(later(), number)
                return talk, Outcome.HANDLED


async def test_random_lives_have_one_outcome_and_their_talk_adds_up(
    journal: SqlJournal, queries: Queries
) -> None:
    chance = random.Random(2)
    story = Story()
    expected = {iid(n): _random_life(story, chance, n, n) for n in range(150)}
    while story.entries:
        size = chance.choice([1, 3, 40, 200])
        await journal.append(story.entries[:size])
        del story.entries[:size]
    summaries = await queries.recent(1000)
    assert len(summaries) == 150
    for summary in summaries:
        call = summary.interaction
        assert (summary.talk_ms, call.outcome) == expected[call.id]
        assert (call.phase, call.closed_at is None) == (Phase.CLOSED, False)
    assert [s.interaction.arrived_at for s in summaries] == sorted(
        (s.interaction.arrived_at for s in summaries), reverse=True
    )


async def test_the_batch_makes_no_difference(store_url: str, tmp_path: Path) -> None:
    chance = random.Random(3)
    story = Story()
    for number in range(20):
        _random_life(story, chance, number, number)
    journal = await SqlJournal.open(store_url)
    single = await SqlJournal.open(f"sqlite:///{tmp_path / 'single.db'}")
    await journal.append(story.entries)
    for entry in story.entries:
        await single.append([entry])
    batched, one_by_one = await Queries.open(store_url), await Queries.open(f"sqlite:///{tmp_path}/single.db")
    for number in range(20):
        assert await batched.history(iid(number)) == await one_by_one.history(iid(number))
    for closing in (journal, single, batched, one_by_one):
        await closing.close()


async def test_a_failed_append_leaves_nothing(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.offer(0, 1, "ag101")
    await journal.append(story.entries)
    again = Story(after=1)
    again.sign_in(1, "ag101")
    again.arrive(2, 2)
    again.offer(3, 2, "ag101")  # an offer of the same number
    with pytest.raises(Fatal):
        await journal.append(again.entries)
    assert [seq async for seq, _, _ in journal.read()] == [1]
    assert await queries.history(iid(2)) is None
    assert journal.last == 1
    assert await queries.agent_days(0, START * 2) == []


async def test_entries_follow_on_each_other(journal: SqlJournal) -> None:
    story = Story()
    story.arrive(0, 1)
    story.queue(1, 1)
    with pytest.raises(Fatal):
        await journal.append(story.entries[1:])
    with pytest.raises(Fatal):
        await journal.append([story.entries[0], story.entries[0]])
    await journal.append(story.entries[:1])
    with pytest.raises(Fatal):
        await journal.append(story.entries)
    assert journal.last == 1


async def test_a_second_writer_is_stopped(journal: SqlJournal, store_url: str) -> None:
    second = await SqlJournal.open(store_url)
    story = Story()
    story.arrive(0, 1)
    await journal.append(story.entries)
    with pytest.raises(Fatal):
        await second.append(story.entries)
    await second.close()


async def test_what_was_appended_is_read_again(journal: SqlJournal, store_url: str) -> None:
    story = Story()
    for number in range(1_000):
        story.handled(number, number, "ag101")
    await journal.append(story.entries)
    expected = [(entry.seq, entry.at, entry.event) for entry in story.entries]
    assert [entry async for entry in journal.read()] == expected
    assert [entry async for entry in journal.read(6_990)] == expected[6_990:]
    again = await SqlJournal.open(store_url)
    assert again.last == 7_000
    await again.close()


async def test_the_two_newest_snapshots_are_kept(journal: SqlJournal) -> None:
    assert list(await journal.snapshots()) == []
    made = [Snapshot(seq, "1", bytes([seq])) for seq in (10, 20, 30)]
    for snapshot in made:
        await journal.save_snapshot(snapshot)
    assert list(await journal.snapshots()) == [made[2], made[1]]
    await journal.save_snapshot(Snapshot(30, "2", b"\0\xff"))
    assert list(await journal.snapshots()) == [Snapshot(30, "2", b"\0\xff"), made[1]]


async def test_a_replay_gets_each_entry_with_its_receipts(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    for number in range(900):
        story.handled(number, number, "ag101")
    await journal.append(story.entries)
    steps = [step async for step in queries.journal_until(5_000)]
    assert [(step.seq, step.at, step.event) for step in steps] == [e[:3] for e in story.entries[:5_000]]
    assert [r.offer for step in steps for r in step.receipts] == list(range(1, 715))
    assert all(
        step.receipts == tuple(effect for effect in entry.effects if isinstance(effect, Receipt))
        for entry, step in zip(story.entries[:5_000], steps, strict=True)
    )


async def test_an_agents_day(journal: SqlJournal, queries: Queries) -> None:
    story = Story()
    story.sign_in(0, "ag101")
    story.ready(60, "ag101", ready=True)
    story.handled(100, 1, "ag101")
    story.ready(160, "ag101", ready=False, reason="break")
    story.sign_in(170, "ag102")
    await journal.append(story.entries)
    first, second = await queries.agent_days(START + 30_000, START + 300_000)
    assert (first.agent, first.signed_in, first.ready, first.reason) == ("ag101", True, False, "break")
    assert (first.signed_in_ms, first.ready_ms, first.since) == (270_000, 100_000, START + 160_000)
    assert (first.answered, first.talk_ms, first.wrap_ms) == (1, 60_000, 30_000)
    assert (second.agent, second.signed_in_ms, second.reach) == ("ag102", 130_000, ("voice",))
    assert await queries.known([iid(1), iid(2)]) == {iid(1)}


def test_a_database_that_was_never_made_is_not_made_by_a_look(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no database"):
        asyncio.run(Queries.open(f"sqlite:///{tmp_path / 'none.db'}"))
    assert list(tmp_path.iterdir()) == []


_WRITER = """
import asyncio, sys
from store.journal import SqlJournal
from tests.unit.store.stories import Story

async def main():
    journal = await SqlJournal.open(sys.argv[1])
    number = journal.last // 7
    while True:
        story = Story(journal.last, number)
        story.handled(number, number, "ag101")
        for batch in (story.entries[:3], story.entries[3:]):
            await journal.append(batch)
            print(batch[-1].seq, flush=True)
        number += 1

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(store_url: str) -> None:
    acknowledged = 0
    for _ in range(3):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WRITER, store_url, stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout is not None
        async with asyncio.timeout(30):
            for _ in range(20):
                acknowledged = int(await writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest, _ = await writer.communicate()
        if rest.split():
            acknowledged = int(rest.split()[-1])
        journal, queries = await SqlJournal.open(store_url), await Queries.open(store_url)
        assert journal.last >= acknowledged
        assert [seq async for seq, _, _ in journal.read()] == list(range(1, journal.last + 1))
        for summary in await queries.recent(1000):
            history = await queries.history(summary.interaction.id)
            assert history is not None
            # Rows and entries are in one transaction: none runs ahead of the other.
            assert len(history.transitions) in (3, 7)
        unfinished = journal.last % 7
        if unfinished:
            number = journal.last // 7
            story = Story(journal.last - unfinished, number)
            story.handled(number, number, "ag101")
            await journal.append(story.entries[unfinished:])
        await journal.close()
        await queries.close()
