"""Calls to telephones outside: fills pbx.dial_out.Dials."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ids import AgentId, InteractionId
from pbx.dial_out import DialRow
from store.database import Database
from store.tables import DIALS


class SqlDials:
    """Beside the journal: what it says of a dial, it said before anything rang."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, row: DialRow) -> bool:
        """Write a dial down. False if this leg was dialled before."""
        return await self._database.write(partial(_begin, row=row))

    async def tries(self, interaction: InteractionId) -> int:
        """Return how often somebody was rung for an interaction."""
        return await self._database.read(partial(_tries, interaction=interaction))

    async def counted(self, since: int, agent: AgentId) -> tuple[int, int]:
        """Return how many dials there were from ``since`` on (milliseconds UTC): the agent's, and all."""
        return await self._database.read(partial(_counted, since=since, agent=agent))


async def _begin(db: AsyncConnection, row: DialRow) -> bool:
    insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(DIALS)
    made = insert.values(asdict(row)).on_conflict_do_nothing().returning(DIALS.c.leg)
    return (await db.execute(made)).first() is not None


async def _tries(db: AsyncConnection, interaction: InteractionId) -> int:
    found = await db.scalar(select(func.count()).where(DIALS.c.interaction == interaction))
    return int(found or 0)


async def _counted(db: AsyncConnection, since: int, agent: AgentId) -> tuple[int, int]:
    c = DIALS.c
    today = select(func.count()).where(c.at >= since)
    return int(await db.scalar(today.where(c.agent == agent)) or 0), int(await db.scalar(today) or 0)
