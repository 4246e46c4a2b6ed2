"""Transfers, consultations and hang-ups at random moments, many at once: Asterisk keeps answering, nothing is left.

A transfer by an application has stopped Asterisk's whole SIP stack before (asterisk issue 2166).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, QueueId, new_interaction_id
from pbx import commands as ask
from pbx.probe.phone import Call
from pbx.view import CallView
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import HERTZ
from tests.integration.sip import over_udp
from tests.waiting import until

AGENTS: Final = tuple(f"ag{number}" for number in range(101, 109))
CUSTOMERS: Final = 5
QUEUE: Final = QueueId("licensing")


class Soak:
    """Customers who are passed about."""

    def __init__(self, centre: RunningCentre, transfers: int, seed: int) -> None:
        self.centre = centre
        self.left = transfers
        self.chance = random.Random(seed)
        self.one_at_a_time = asyncio.Lock()
        self.done: Counter[str] = Counter()
        self.calls = 0

    async def customer(self) -> None:
        """Call again and again until all transfers are done."""
        while self.left > 0:
            async with self.one_at_a_time:
                call, identity = await self.centre.in_line()
            self.calls += 1
            while not call.is_over and self.left > 0:
                await self.passed_about(call, identity)
            await call.hang_up()

    async def passed_about(self, call: Call, identity: InteractionId) -> None:
        view = await self.talking(call, identity)
        if view is None:
            return
        agent = next(party.agent for party in view.parties if party.who == "agent")
        if agent is None:
            return
        what = self.chance.choice(("blind", "blind", "attended", "attended", "returned", "customer", "agent"))
        try:
            await self._do(what, call, identity, agent)
        except (Refused, Gone, TryLater):
            self.done["refused"] += 1
        else:
            self.done[what] += 1
            self.left -= what in ("blind", "attended")

    async def talking(self, call: Call, identity: InteractionId) -> CallView | None:
        """Wait until an agent has the customer; None if the customer is gone."""

        async def there() -> CallView | str:
            if call.is_over:
                return "over"
            async with self.centre.client() as client:
                views = [view for view in await client.calls() if view.id == identity]
            assert views, "nobody has the customer"
            assert not views[0].held
            assert any(party.who == "agent" for party in views[0].parties)
            return views[0]

        found = await until(there, within=60)
        return found if isinstance(found, CallView) else None

    async def _do(self, what: str, call: Call, identity: InteractionId, agent: AgentId) -> None:
        async with self.centre.client() as client:
            if what == "blind":
                return await client.command(ask.Transfer(identity, agent, ask.ToQueue(QUEUE)))
            if what in ("attended", "returned"):
                asked = new_interaction_id()
                await client.command(ask.Consult(identity, agent, ask.ToQueue(QUEUE), asked))
                await asyncio.sleep(self.chance.random() * 1.5)
                end = ask.Complete if what == "attended" else ask.EndConsult
                try:
                    return await client.command(end(identity, agent))
                except Refused:
                    await client.command(ask.EndConsult(identity, agent))
                    raise
        if what == "customer":
            await call.hang_up()
        else:
            phones = [
                one for one in self.centre.desks.calls.values() if one.account == agent and not one.is_over
            ]
            for phone in phones:
                await phone.hang_up()
        return None


async def probe(server: str, stop: asyncio.Event) -> int:
    """Ask Asterisk every half second whether it is there; every question is answered."""
    asked = 0
    async with over_udp(server) as caller:
        while not stop.is_set():
            response = await caller().request("OPTIONS", "probe", within=5)
            assert response.code >= 200
            asked += 1
            await asyncio.sleep(0.5)
    return asked


async def add_up(centre: RunningCentre, identity: InteractionId) -> int:
    """Return how many agents talked in a call, whose times account for all of it and never overlap."""
    history = await centre.history(identity)
    talks = [part for part in history.segments if part.answered_at is not None]
    before = 0
    for part in talks:
        assert part.answered_at is not None
        assert part.left_at is not None
        assert part.answered_at >= before, history
        assert part.talk_ms + part.hold_ms == part.left_at - part.answered_at, history
        before = part.left_at
    assert before <= (history.interaction.closed_at or before)
    return len(talks)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_transfers_mixed_with_hanging_up_leave_nothing_behind(tmp_path: Path) -> None:
    transfers = int(os.environ.get("SAMBUNG_TRANSFERS", "500"))
    async with running_centre(tmp_path) as centre:
        centre.desks.answer_after_ms, centre.desks.answer_tone = 50, HERTZ["ag101"]
        for agent in AGENTS:
            await centre.on_duty(agent)
        soak, stop = Soak(centre, transfers, seed=transfers), asyncio.Event()
        probing = asyncio.create_task(
            probe(f"127.0.0.1:{centre.settings.asterisk.sip_port}", stop), name="probe"
        )
        try:
            async with asyncio.timeout(60 + transfers * 4), asyncio.TaskGroup() as tasks:
                for _ in range(CUSTOMERS):
                    tasks.create_task(soak.customer())
        finally:
            stop.set()
            asked = await probing
        await centre.nothing_left()
        assert asked > 3
        assert soak.done["blind"] + soak.done["attended"] >= transfers
        rows = await centre.recent()
        inbound = [row.interaction for row in rows if row.interaction.dialled]
        assert len(inbound) == soak.calls
        assert {contact.outcome for contact in inbound} <= {"handled", "abandoned"}
        talked = [await add_up(centre, contact.id) for contact in inbound]
        assert sum(talked) >= transfers
