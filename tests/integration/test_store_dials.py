"""What is kept of calls to telephones outside, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from core.ids import AgentId, InteractionId, LegId
from pbx.dial_out import DialRow
from pbx.outbound_model import Number
from store.database import Database, parse
from store.dials import SqlDials
from store.migrate import upgrade

pytest_plugins = ("tests.integration.postgres_fixture",)

ONE, OTHER = InteractionId("1" * 32), InteractionId("2" * 32)
ADI, AYU = AgentId("ag101"), AgentId("ag105")


@pytest_asyncio.fixture
async def dials(store_url: str) -> AsyncIterator[SqlDials]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield SqlDials(database)
    await database.close()


def row(leg: str, at: int, agent: AgentId = ADI, interaction: InteractionId = ONE) -> DialRow:
    return DialRow(LegId(leg), interaction, agent, at, Number("+628123456789"), off_hours=False)


async def test_a_leg_is_dialled_once_however_often_it_is_asked_for(dials: SqlDials) -> None:
    assert await dials.begin(row("out-1", 10))
    assert not await dials.begin(row("out-1", 20))
    taken = await asyncio.gather(*(dials.begin(row("out-2", at)) for at in range(8)))
    assert taken.count(True) == 1
    assert await dials.tries(ONE) == 2
    assert await dials.tries(OTHER) == 0


async def test_dials_are_counted_from_a_moment_on_for_the_agent_and_for_all(dials: SqlDials) -> None:
    assert await dials.counted(0, ADI) == (0, 0)
    for number, (at, agent) in enumerate(((99, ADI), (100, ADI), (150, AYU), (200, ADI))):
        await dials.begin(row(f"out-{number}", at, agent))
    assert await dials.counted(100, ADI) == (2, 3)
    assert await dials.counted(100, AYU) == (1, 3)
    assert await dials.counted(300, AYU) == (0, 0)
