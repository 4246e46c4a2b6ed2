"""What customers were told of their wait, and how long it was; and what past contacts teach of durations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Channel, Outcome
from core.ids import InteractionId, QueueId
from store.database import Database, parse
from store.tables import INTERACTIONS, SEGMENTS
from store.tables_waits import PREDICTIONS

_NEWEST: Final = 5_000
"""So many stays in queues are read to learn from."""


class Prediction(NamedTuple):
    """What was announced to a customer at ``at``, and its truth once that is known."""

    interaction: InteractionId
    at: int
    queue: QueueId
    channel: Channel
    predicted_p80: int
    """The announced wait in milliseconds."""
    position: int
    """The announced place; 0 if none was."""
    basis: str
    """How it was predicted: sambung.estimates.Basis."""
    waited_ms: int | None = None
    """From ``at`` to the answer, or until the customer left. None while it waits, or if nobody will know."""
    answered: bool | None = None


class Truth(NamedTuple):
    """A contact was answered, or is gone."""

    interaction: InteractionId
    at: int
    answered: bool


class Stay(NamedTuple):
    """A stay in a queue that is over."""

    queue: QueueId
    channel: Channel
    wait_ms: int
    talk_ms: int
    """Holds included."""
    wrap_ms: int
    answered: bool
    gave_up: bool


class Predictions:
    """Beside the journal: losing the last of these rows loses a statistic."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, url: str) -> Predictions:
        """Connect to the database at ``url``, which has its tables. Raises Refused for a wrong URL."""
        return cls(Database(parse(url)))

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def write(self, told: Sequence[Prediction], truths: Sequence[Truth]) -> None:
        """Add what was told, then what became of contacts that were told something."""
        if told or truths:
            await self._database.write(partial(_write, told=told, truths=truths))

    async def open_ones(self) -> frozenset[InteractionId]:
        """Return the contacts with a prediction whose truth is not known."""
        return await self._database.read(_open)

    async def since(self, at: int) -> Sequence[Prediction]:
        """Return the predictions made from ``at`` on, the oldest first."""
        return await self._database.read(partial(_since, at=at))

    async def stays(self, since: int) -> Sequence[Stay]:
        """Return the newest stays in queues that ended from ``since`` on, the oldest first."""
        return await self._database.read(partial(_stays, since=since))


async def _write(db: AsyncConnection, told: Sequence[Prediction], truths: Sequence[Truth]) -> None:
    if told:
        insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(PREDICTIONS)
        # Told twice in a millisecond is told once.
        await db.execute(insert.on_conflict_do_nothing(), [one._asdict() for one in told])
    if truths:
        c = PREDICTIONS.c
        known = (
            update(PREDICTIONS)
            .where(c.interaction == bindparam("contact"), c.waited_ms.is_(None))
            .values(waited_ms=bindparam("over") - c.at, answered=bindparam("was_answered"))
        )
        rows = [{"contact": t.interaction, "over": t.at, "was_answered": t.answered} for t in truths]
        await db.execute(known, rows)


async def _open(db: AsyncConnection) -> frozenset[InteractionId]:
    c = PREDICTIONS.c
    found = await db.scalars(select(c.interaction).where(c.waited_ms.is_(None)).distinct())
    return frozenset(InteractionId(id_) for id_ in found)


async def _since(db: AsyncConnection, at: int) -> Sequence[Prediction]:
    c = PREDICTIONS.c
    rows = await db.execute(select(PREDICTIONS).where(c.at >= at).order_by(c.at, c.interaction))
    return [_prediction(row) for row in rows]


async def _stays(db: AsyncConnection, since: int) -> Sequence[Stay]:
    s, i = SEGMENTS.c, INTERACTIONS.c
    newest = (
        select(SEGMENTS, i.channel)
        .join_from(SEGMENTS, INTERACTIONS, s.interaction == i.id)
        .where(s.ended_at >= since, s.queue != "", i.kind == "inbound")
        .order_by(s.ended_at.desc())
        .limit(_NEWEST)
    )
    stays = [_stay(row) for row in await db.execute(newest)]
    return stays[::-1]


def _prediction(row: Row[Any]) -> Prediction:
    fields = dict(row._mapping)
    return Prediction(**fields | {"channel": Channel(row.channel)})


def _stay(row: Row[Any]) -> Stay:
    return Stay(
        queue=QueueId(row.queue),
        channel=Channel(row.channel),
        wait_ms=row.wait_ms + row.ring_ms,
        talk_ms=row.talk_ms + row.hold_ms,
        wrap_ms=row.wrap_ms,
        answered=row.answered_at is not None,
        gave_up=row.answered_at is None and row.result == Outcome.ABANDONED,
    )
