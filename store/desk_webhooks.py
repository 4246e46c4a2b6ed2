"""Endpoints of webhooks and what each was told last: fills desk.webhooks.Outbox.

What is told is read from the rows that are written with the journal, so that it happened, and nothing is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Phase
from store.database import Database
from store.tables import AGENT_ACTIVITY, INTERACTIONS, JOURNAL, TRANSITIONS, WEBHOOKS
from store.wire import clean

AGENT_STATE: Final = "agent.state"
TYPES: Final = (*(f"contact.{phase}" for phase in Phase), AGENT_STATE)
"""Everything that can be told."""

_SCANNED: Final = 500


class Webhook(NamedTuple):
    """An endpoint."""

    id: str
    url: str
    secret: str
    events: tuple[str, ...]
    created_at: int
    attempts: int
    due_at: int
    failing_since: int | None
    disabled_at: int | None
    problem: str
    seq: int
    """Up to which journal entry it was told."""


class Event(NamedTuple):
    """Something that happened. No name, number or text of anybody is in it."""

    id: str
    body: str


class SqlWebhooks:
    """Each endpoint has a place in the journal up to which it was told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, id_: str, url: str, secret: str, events: Sequence[str], now: int) -> None:
        """Tell an endpoint from now on."""
        values = {
            "id": id_,
            "url": clean(url),
            "secret": secret,
            "events": " ".join(events),
            "created_at": now,
        }
        await self._database.write(partial(_add, values=values))

    async def all(self) -> Sequence[Webhook]:
        """Return every endpoint, the oldest first."""
        return await self._database.read(_all)

    async def remove(self, id_: str) -> bool:
        """Forget an endpoint; return whether there was one."""
        gone = delete(WEBHOOKS).where(WEBHOOKS.c.id == id_)
        return (await self._database.write(lambda db: db.execute(gone))).rowcount > 0

    async def enable(self, id_: str) -> bool:
        """Go on with an endpoint at once, where it was; return whether there is one."""
        fresh = {"disabled_at": None, "failing_since": None, "attempts": 0, "due_at": 0, "problem": ""}
        done = update(WEBHOOKS).where(WEBHOOKS.c.id == id_).values(fresh)
        return (await self._database.write(lambda db: db.execute(done))).rowcount > 0

    # --- for the one who tells -----------------------------------------------------------------------------

    async def due(self, now: int) -> Sequence[Webhook]:
        """Return endpoints that are neither disabled nor waiting after a failure."""
        return await self._database.read(partial(_due, now=now))

    async def next(self, endpoint: str) -> Event | None:
        """Return the first event that an endpoint was not told, if there is one."""
        while True:
            found, passed = await self._database.read(partial(_next, endpoint=endpoint))
            if found is not None or passed is None:
                return found
            await self._database.write(partial(_move, endpoint=endpoint, place=passed))

    async def told(self, endpoint: str, event: str) -> None:
        """Note that it was taken."""
        seq, _, n = event.partition("-")
        await self._database.write(partial(_move, endpoint=endpoint, place=(int(seq), int(n))))

    async def failed(self, endpoint: str, now: int, due_at: int, problem: str) -> None:
        """Note that it was not, and when to go again."""
        c = WEBHOOKS.c
        values = {
            "attempts": c.attempts + 1,
            "due_at": due_at,
            "failing_since": func.coalesce(c.failing_since, now),
            "problem": clean(problem),
        }
        done = update(WEBHOOKS).where(c.id == endpoint).values(values)
        await self._database.write(lambda db: db.execute(done))

    async def disable(self, endpoint: str, now: int) -> None:
        """Tell this endpoint nothing more."""
        done = update(WEBHOOKS).where(WEBHOOKS.c.id == endpoint).values(disabled_at=now)
        await self._database.write(lambda db: db.execute(done))


async def _add(db: AsyncConnection, values: dict[str, Any]) -> None:
    newest = await db.scalar(select(func.coalesce(func.max(JOURNAL.c.seq), 0)))
    # Past everything of the newest entry: an entry has far fewer effects.
    await db.execute(insert(WEBHOOKS).values({**values, "seq": newest, "n": 1_000_000}))


async def _all(db: AsyncConnection) -> Sequence[Webhook]:
    return [_webhook(row) for row in await db.execute(select(WEBHOOKS).order_by(WEBHOOKS.c.created_at))]


async def _due(db: AsyncConnection, now: int) -> Sequence[Webhook]:
    c = WEBHOOKS.c
    rows = await db.execute(
        select(WEBHOOKS).where(c.disabled_at.is_(None), c.due_at <= now).order_by(c.created_at)
    )
    return [_webhook(row) for row in rows]


async def _next(db: AsyncConnection, endpoint: str) -> tuple[Event | None, tuple[int, int] | None]:
    """Return the next event it wants, or the place up to which there is none; neither where nothing is new."""
    row = (await db.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == endpoint))).one_or_none()
    if row is None:
        return None, None
    wanted = frozenset(row.events.split())
    place: tuple[int, int] | None = None
    for seq, n, kind, at, data in await _since(db, row.seq, row.n):
        place = seq, n
        if kind in wanted:
            id_ = f"{seq}-{n}"
            body = msgspec.json.encode({"id": id_, "type": kind, "at": at, "data": data}).decode()
            return Event(id_, body), None
    return None, place


async def _since(db: AsyncConnection, seq: int, n: int) -> list[tuple[int, int, str, int, dict[str, Any]]]:
    t, a, i = TRANSITIONS.c, AGENT_ACTIVITY.c, INTERACTIONS.c

    def after(c: Any) -> Any:
        return or_(c.seq > seq, and_(c.seq == seq, c.n > n))

    moves = await db.execute(
        select(TRANSITIONS, i.channel, i.outcome)
        .join_from(TRANSITIONS, INTERACTIONS, t.interaction == i.id)
        .where(after(t))
        .order_by(t.seq, t.n)
        .limit(_SCANNED)
    )
    activity = await db.execute(select(AGENT_ACTIVITY).where(after(a)).order_by(a.seq, a.n).limit(_SCANNED))
    told = [(row.seq, row.n, f"contact.{row.phase}", row.at, _contact(row)) for row in moves]
    told += [(row.seq, row.n, AGENT_STATE, row.at, _agent(row)) for row in activity]
    # Of either table only so many were read: what lies past the end of the shorter is for the next time.
    return sorted(told, key=lambda event: event[:2])[:_SCANNED]


def _contact(row: Row[Any]) -> dict[str, Any]:
    closed = row.phase == Phase.CLOSED
    return {
        "interaction": row.interaction,
        "channel": row.channel,
        "phase": row.phase,
        "cause": row.cause,
        "actor": row.actor,
        "queue": row.queue or None,
        "agent": row.agent or None,
        "outcome": (row.outcome or None) if closed else None,
    }


def _agent(row: Row[Any]) -> dict[str, Any]:
    return {
        "agent": row.agent,
        "signed_in": row.signed_in,
        "ready": row.ready,
        "reason": row.reason or None,
        "reach": row.reach.split(),
    }


async def _move(db: AsyncConnection, endpoint: str, place: tuple[int, int]) -> None:
    values = {
        "seq": place[0],
        "n": place[1],
        "attempts": 0,
        "due_at": 0,
        "failing_since": None,
        "problem": "",
    }
    await db.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == endpoint).values(values))


def _webhook(row: Row[Any]) -> Webhook:
    fields = {name: row._mapping[name] for name in Webhook._fields}
    return Webhook(**{**fields, "events": tuple(row.events.split())})
