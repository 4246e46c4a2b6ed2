"""A waiting visitor is called back instead: all of it or nothing, once, at the old place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from acd.effects import Moved
from acd.events import Arrived, Dismissed, OfferAccepted, PriorityChanged, Queued, Unqueued
from acd.model import Channel, Kind, Need, Outcome, Phase
from core.errors import Gone, Refused
from core.ids import InteractionId, SkillId
from tests.unit.video.visiting import (
    ID,
    NUMBER,
    QUEUE,
    SARI,
    Hall,
    Memory,
    Notebook,
    Worker,
    hall,
)
from tests.waiting import until
from video.visit import Destination
from video.visit_commands import callback_id
from video.visit_errands import OVER


@pytest.fixture
async def there() -> AsyncIterator[Hall]:
    async with hall(Memory(), Worker(), Notebook()) as made:
        yield made


async def test_a_waiting_visitor_is_called_back_at_the_old_place() -> None:
    memory = Memory()
    async with hall(memory, Worker(), Notebook()) as there:
        await there.visits.come(SARI, Destination(QUEUE, (Need(SkillId("id")),)))
        there.visits.open(ID, None, there.visitor)
        await there.engine.submit(PriorityChanged(id=ID, priority=3))
        contact = there.engine.state.interaction(ID)
        assert contact is not None
        await there.visits.call_back(ID, NUMBER)
        promised = there.engine.state.interaction(callback_id(ID))
        assert promised is not None
        assert (promised.channel, promised.phase, promised.kind) == (
            Channel.VOICE,
            Phase.WAITING,
            Kind.CALLBACK,
        )
        assert (promised.caller, promised.parent, promised.queue) == (NUMBER, ID, QUEUE)
        assert (promised.arrived_at, promised.score) == (contact.arrived_at, contact.score)
        assert (promised.language, promised.needs) == ("id", (("id", 1),))
        await until(lambda: there.visitor.code == OVER)
        assert there.visitor.stage() == "over"
        with pytest.raises(Gone):
            await there.visits.call_back(ID, NUMBER)
    assert _closed(memory) == {ID: Outcome.CALLBACK}
    assert memory.appends[-1] == [Dismissed, Arrived, Queued], "all of it or nothing"


async def test_two_wishes_at_once_make_one_callback_and_an_agent_who_was_rung_is_let_go(there: Hall) -> None:
    offer = await there.offered()
    done = await asyncio.gather(
        *(there.visits.call_back(ID, NUMBER) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in done].count(Refused) == 2
    assert there.phase() is None
    await there.engine.submit(OfferAccepted(offer=offer))
    assert there.engine.state.interaction(callback_id(ID)) is not None
    live = [contact.id for contact in there.engine.state.live()]
    assert live == [callback_id(ID)]


async def test_who_was_accepted_at_the_same_moment_talks_and_is_not_called(there: Hall) -> None:
    offer = await there.offered()
    there.engine.post(OfferAccepted(offer=offer))
    with pytest.raises(Refused, match="an agent has taken the call"):
        await there.visits.call_back(ID, NUMBER)
    assert there.phase() is Phase.CONNECTING
    assert there.engine.state.interaction(callback_id(ID)) is None


async def test_a_promise_that_was_not_written_down_leaves_the_visitor_in_line() -> None:
    memory, worker, book = Memory(), Worker(), Notebook()
    async with hall(memory, worker, book) as before:
        await before.visits.come(SARI, Destination(QUEUE, (Need(SkillId("id")),)))
        # Control dies between the two appends.
        await before.engine.submit(Unqueued(id=ID, cause="callback_wanted"))
    async with hall(memory, worker, book) as after:
        await until(lambda: after.phase() is Phase.WAITING)
        contact = after.engine.state.interaction(ID)
        assert contact is not None
        assert (contact.queue, contact.needs, contact.language) == (QUEUE, (("id", 1),), "id")
        after.visits.open(ID, None, after.visitor)
        await until(lambda: after.visitor.stage() == "waiting")
        await after.visits.call_back(ID, NUMBER)
        assert after.phase() is None


def _closed(memory: Memory) -> dict[InteractionId, Outcome | None]:
    return {
        effect.id: effect.outcome
        for entry in memory.entries
        for effect in entry.effects
        if isinstance(effect, Moved) and effect.phase is Phase.CLOSED
    }
