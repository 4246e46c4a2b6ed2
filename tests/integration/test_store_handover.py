"""What is written down of contacts that pass from hand to hand: each agent's part, and nobody's twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest_asyncio

from acd.events import (
    Arrived,
    Attempted,
    Disposed,
    Ended,
    Held,
    Parked,
    Queued,
    QueueStateSet,
    RecordingPaused,
    Requeued,
    Surveyed,
    TakenOver,
    TransferCompleted,
    Unqueued,
    WrapUpDone,
    WrapUpExtended,
)
from acd.model import Channel, Kind, Outcome, Party, Phase, QueueState
from core.ids import AgentId, QueueId
from store.journal import SqlJournal
from store.queries import Queries
from store.views import History
from tests.unit.acd.world import START, World, agent, iid, rules

pytest_plugins = ("tests.integration.postgres_fixture",)

A1, A2, A3 = (AgentId(f"a{n}") for n in (1, 2, 3))
TAX = QueueId("tax")


class Part(NamedTuple):
    """A segment in seconds."""

    agent: str | None
    result: str
    wait: float
    ring: float
    talk: float
    hold: float
    wrap: float


class Books:
    """A line whose journal is written to a database."""

    def __init__(self, journal: SqlJournal, queries: Queries) -> None:
        self.world = World(rules(agent("a1"), agent("a2"), agent("a3")))
        self.journal, self.queries = journal, queries

    async def history(self, number: int) -> History:
        entries = self.world.entries[self.journal.last :]
        await self.journal.append(entries)
        found = await self.queries.history(iid(number))
        assert found is not None
        return found

    async def parts(self, number: int) -> list[Part]:
        return [
            Part(
                s.agent,
                s.result,
                *(ms / 1_000 for ms in (s.wait_ms, s.ring_ms, s.talk_ms, s.hold_ms, s.wrap_ms)),
            )
            for s in (await self.history(number)).segments
        ]


@pytest_asyncio.fixture
async def books(store_url: str) -> AsyncIterator[Books]:
    journal = await SqlJournal.open(store_url)
    queries = await Queries.open(store_url)
    yield Books(journal, queries)
    await queries.close()
    await journal.close()


def talking(world: World, number: int) -> None:
    """Let a1 talk after 2 s of waiting and 3 s of ringing; a2 and a3 are free."""
    world.queue(number)
    world.after(2)
    world.sign_in("a1")
    world.after(3)
    world.talk(number)
    world.sign_in("a2", "a3")


async def test_three_parts_after_two_transfers_each_with_its_own_talk_and_wrap_up(books: Books) -> None:
    world = books.world
    talking(world, 1)
    world.after(60)
    world.do(Requeued(iid(1), TAX))
    world.after(4)
    world.talk(1)
    world.after(10)
    world.do(WrapUpDone(iid(1), A1))
    world.after(20)
    world.do(Requeued(iid(1), QueueId("oss")))
    world.after(1)
    world.talk(1)
    world.after(90)
    world.finish(1)
    world.do(WrapUpExtended(iid(1), A3))
    world.after(100)
    assert await books.parts(1) == [
        Part("a1", "transferred", 2, 3, 60, 0, 14),
        Part("a2", "transferred", 0, 4, 30, 0, 30),
        Part("a3", "handled", 0, 1, 90, 0, 60),
    ]
    call = (await books.history(1)).interaction
    assert (call.agent, call.outcome) == (A3, Outcome.HANDLED)
    days = {day.agent: day for day in await books.queries.agent_days(START, world.now)}
    assert [days[who].answered for who in (A1, A2, A3)] == [1, 1, 1]
    assert [days[who].talk_ms for who in (A1, A2, A3)] == [60_000, 30_000, 90_000]
    assert [days[who].wrap_ms for who in (A1, A2, A3)] == [14_000, 30_000, 60_000]


async def test_a_consultation_is_no_contact_and_its_completion_is_a_part(books: Books) -> None:
    world = books.world
    talking(world, 1)
    world.after(30)
    world.do(Held(iid(1)))
    world.do(Arrived(iid(2), Channel.VOICE, world.now, kind=Kind.CONSULT, parent=iid(1)))
    world.do(Queued(iid(2), QueueId("oss"), preferred=A2, grace_ms=20_000, strict=True))
    world.after(5)
    world.talk(2)
    world.after(15)
    world.do(TransferCompleted(iid(1), iid(2)))
    world.after(40)
    world.finish(1)
    world.after(60)
    assert await books.parts(1) == [
        Part("a1", "transferred", 2, 3, 30, 20, 30),
        Part("a2", "handled", 0, 0, 40, 0, 30),
    ]
    assert await books.parts(2) == [Part("a2", "handled", 0, 5, 15, 0, 0)]
    history = await books.history(1)
    assert [(r.id, r.kind, r.outcome) for r in history.related] == [(iid(2), Kind.CONSULT, Outcome.HANDLED)]
    assert (await books.history(2)).interaction.parent == iid(1)
    assert [s.interaction.id for s in await books.queries.recent()] == [iid(1)]
    days = {day.agent: day for day in await books.queries.agent_days(START, world.now)}
    assert (days[A2].answered, days[A2].talk_ms, days[A2].consult_ms) == (1, 40_000, 15_000)


async def test_a_contact_taken_over_and_one_put_aside(books: Books) -> None:
    world = books.world
    talking(world, 1)
    world.after(10)
    world.do(Parked(iid(1), world.now + 60_000))
    world.after(60)
    world.after(2)
    world.talk(1)
    world.after(20)
    world.do(TakenOver(iid(1), A2))
    world.after(5)
    assert [s.ended_at is None for s in (await books.history(1)).segments] == [False, True, True]
    world.finish(1)
    world.after(40)
    assert await books.parts(1) == [
        Part("a1", "parked", 2, 3, 10, 0, 0),
        Part("a1", "transferred", 0, 2, 20, 0, 30),
        Part("a2", "handled", 0, 0, 5, 0, 30),
    ]


async def test_who_gives_up_after_a_transfer_or_aside_has_abandoned_it_and_the_agent_still_wraps_up(
    books: Books,
) -> None:
    world = books.world
    talking(world, 1)
    world.do(Requeued(iid(1), TAX))
    world.after(5)
    world.do(Ended(iid(1), Party.CUSTOMER))
    world.after(60)
    call = (await books.history(1)).interaction
    assert (call.outcome, call.abandoned_in) == (Outcome.ABANDONED, Phase.OFFERED)
    assert [(p.result, p.wrap) for p in await books.parts(1)] == [("transferred", 30), ("abandoned", 0)]
    world.queue(2)
    world.talk(2)
    world.do(Parked(iid(2), world.now + 60_000))
    world.do(Ended(iid(2), Party.CUSTOMER))
    call = (await books.history(2)).interaction
    assert (call.outcome, call.abandoned_in) == (Outcome.ABANDONED, Phase.PARKED)


async def test_what_happens_before_an_agent_answers(books: Books) -> None:
    world = books.world
    world.queue(1)
    world.after(7)
    world.do(Unqueued(iid(1), "asked"))
    world.after(3)
    world.do(Queued(iid(1), TAX))
    world.after(5)
    arrived = Arrived(iid(2), Channel.VOICE, START, kind=Kind.CALLBACK, parent=iid(1))
    world.do(arrived, Queued(iid(2), TAX), Attempted(iid(2), "busy"))
    world.do(Ended(iid(1), Party.CUSTOMER))
    assert await books.parts(1) == [
        Part(None, "left", 7, 0, 0, 0, 0),
        Part(None, "abandoned", 5, 0, 0, 0, 0),
    ]
    callback = await books.history(2)
    assert (callback.interaction.kind, callback.interaction.outcome) == (Kind.CALLBACK, Outcome.UNREACHED)
    assert callback.recording is None
    # Its recording begins with the conversation, and is begun once.
    world.sign_in("a1", "a2")
    outgoing = Arrived(iid(3), Channel.VOICE, world.now, kind=Kind.CALLBACK, parent=iid(1))
    world.do(outgoing, Queued(iid(3), TAX))
    world.talk(3)
    began = world.now
    world.after(4)
    world.do(Requeued(iid(3), TAX))
    world.talk(3)
    recording = (await books.history(3)).recording
    assert recording is not None
    assert (recording.state, recording.started_at) == ("open", began)


async def test_the_last_word_of_each_agent_and_of_the_customer_counts(books: Books) -> None:
    world = books.world
    talking(world, 1)
    world.do(Disposed(iid(1), A1, "oss", "first"), Disposed(iid(1), A1, "tax", "last", follow_up=True))
    world.do(Disposed(iid(1), A2, "other"), Surveyed(iid(1), "csat", 2), Surveyed(iid(1), "csat", 5))
    world.finish(1)
    world.after(60)
    world.do(Surveyed(iid(1), "nps", 9), Surveyed(iid(9), "nps", 9))
    world.do(RecordingPaused(iid(1), True, "card", A1), RecordingPaused(iid(1), False))
    history = await books.history(1)
    assert [(p.on, p.reason, p.agent) for p in history.pauses] == [(True, "card", A1), (False, "", None)]
    assert [(d.agent, d.category, d.note, d.follow_up) for d in history.dispositions] == [
        (A1, "tax", "last", True),
        (A2, "other", "", False),
    ]
    assert [(a.question, a.score) for a in history.survey] == [("csat", 5), ("nps", 9)]


async def test_what_was_said_of_queues(books: Books) -> None:
    world = books.world
    world.queue(1)
    world.do(QueueStateSet(TAX, QueueState.PAUSED, "fire drill", "lead"))
    world.after(60)
    world.do(
        QueueStateSet(TAX, QueueState.OPEN, by="lead"), QueueStateSet(QueueId("none"), QueueState.PAUSED)
    )
    await books.history(1)
    changes = await books.queries.queue_changes(START, world.now)
    assert [(c.queue, (c.at - START) / 1_000, c.state, c.reason, c.by) for c in changes] == [
        (TAX, 0, QueueState.PAUSED, "fire drill", "lead"),
        (TAX, 60, QueueState.OPEN, "", "lead"),
    ]
