"""Stays in queues as they are written down: what the day's figures begin with after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Channel, Kind, Outcome
from core.ids import AgentId, InteractionId, QueueId
from reports.definitions import End, Stay
from reports.tally import Standing
from store.database import Database
from store.tables import INTERACTIONS, SEGMENTS
from store.tables_said import DISPOSITIONS

_CUSTOMERS: Final = (Kind.INBOUND, Kind.CALLBACK)
"""Kinds of contacts that stand in a queue for a customer."""


class SqlFigures:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stays(self, since: int) -> tuple[Sequence[Stay], Mapping[InteractionId, Standing]]:
        """Return the stays that ended since, in the order of their ends, and those that last."""
        return await self._database.read(partial(_stays, since=since))

    async def categories(self) -> Mapping[InteractionId, str]:
        """Return what is said so far of contacts that are not closed."""
        d, i = DISPOSITIONS.c, INTERACTIONS.c
        query = (
            select(d.interaction, d.category)
            .join_from(DISPOSITIONS, INTERACTIONS, d.interaction == i.id)
            .where(i.closed_at.is_(None))
            .order_by(d.seq)
        )
        rows = await self._database.read(lambda db: db.execute(query))
        return {InteractionId(row.interaction): row.category for row in rows}

    async def had(self, agent: AgentId, id_: InteractionId) -> bool:
        """Whether the agent ever had the contact: heard the customer, not only was offered it."""
        s = SEGMENTS.c
        query = select(exists().where(s.interaction == id_, s.agent == agent, s.answered_at.is_not(None)))
        return bool(await self._database.read(lambda db: db.scalar(query)))


async def _stays(db: AsyncConnection, since: int) -> tuple[Sequence[Stay], Mapping[InteractionId, Standing]]:
    i, s = INTERACTIONS.c, SEGMENTS.c
    open_or_recent = (i.closed_at.is_(None)) | (i.closed_at >= since)
    rows = await db.execute(
        select(
            s.interaction, s.queue, s.queued_at, s.answered_at, i.channel, i.outcome, i.left_at, i.closed_at
        )
        .join_from(SEGMENTS, INTERACTIONS, s.interaction == i.id)
        .where(open_or_recent, i.kind.in_(_CUSTOMERS))
        .order_by(s.interaction, s.seq, s.n)
    )
    contacts: dict[InteractionId, list[Any]] = {}
    for row in rows:
        contacts.setdefault(InteractionId(row.interaction), []).append(row)
    stays: list[Stay] = []
    standing: dict[InteractionId, Standing] = {}
    for id_, segments in contacts.items():
        last = _fold(segments, stays)
        if last is not None:
            standing[id_] = last
    return sorted((stay for stay in stays if stay.at >= since), key=lambda stay: stay.at), standing


def _fold(segments: Sequence[Any], stays: list[Stay]) -> Standing | None:
    """Add a contact's ended stays; return the one that lasts. Several offers in one queue are one stay."""
    standing: Standing | None = None

    def over(end: End, at: int) -> None:
        nonlocal standing
        if standing is not None:
            wait = max(at - standing.since, 0)
            stays.append(Stay(at, standing.queue, standing.channel, end, wait))
        standing = None

    for row in segments:
        if standing is not None and standing.queue != row.queue:
            over(End.FLOWED_OUT, row.queued_at)
        if standing is None:
            standing = Standing(QueueId(row.queue), Channel(row.channel), row.queued_at)
        if row.answered_at is not None:
            over(End.ANSWERED, row.answered_at)
    last = segments[-1]
    if last.closed_at is not None:
        over(
            End.ABANDONED if last.outcome == Outcome.ABANDONED else End.FLOWED_OUT,
            last.left_at or last.closed_at,
        )
    return standing
