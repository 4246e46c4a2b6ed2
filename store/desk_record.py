"""What people did, answers kept for repeated requests, and switches: fills desk.ports.Record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.tables import AUDIT, IDEMPOTENCY, SWITCHES
from store.wire import clean
from workforce.accounts import Act


class Kept(NamedTuple):
    """A request that was begun with a key."""

    request: str
    """Hash of what was asked."""
    status: int | None
    """None: the first has not ended, or the process stopped in the middle of it."""
    answer: str


class Thrown(NamedTuple):
    """How a switch stands, and who threw it."""

    on: bool
    reason: str
    by: str
    at: int


class SqlRecord:
    """Beside the journal: nothing here decides where a contact goes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, act: Act) -> None:
        """Write down what somebody did or was not let do."""
        values = {
            name: clean(value) if isinstance(value := getattr(act, name), str) else value
            for name in act.__struct_fields__
            if name != "id"
        }
        await self._database.write(lambda db: db.execute(insert(AUDIT).values(values)))

    async def acts(self, limit: int, after: int | None = None) -> Sequence[Act]:
        """Return the newest acts, newest first; with ``after``, the first that follow that id, oldest first."""
        return await self._database.read(partial(_acts, limit=limit, after=after))

    # --- repeated requests ---------------------------------------------------------------------------------

    async def begin(self, user: str, key: str, request: str, at: int) -> Kept | None:
        """Claim a key. Returns what is kept under it if it was claimed before, else None."""
        return await self._database.write(partial(_begin, user=user, key=key, request=request, at=at))

    async def finish(self, user: str, key: str, status: int, answer: str) -> None:
        """Keep the answer to a claimed key."""
        c = IDEMPOTENCY.c
        done = update(IDEMPOTENCY).where(c.user == user, c.key == key).values(status=status, answer=answer)
        await self._database.write(lambda db: db.execute(done))

    async def abandon(self, user: str, key: str) -> None:
        """Give a key back: nothing was done under it."""
        c = IDEMPOTENCY.c
        gone = delete(IDEMPOTENCY).where(c.user == user, c.key == key)
        await self._database.write(lambda db: db.execute(gone))

    async def forget_before(self, at: int) -> None:
        """Remove answers older than ``at``."""
        gone = delete(IDEMPOTENCY).where(IDEMPOTENCY.c.at < at)
        await self._database.write(lambda db: db.execute(gone))

    # --- switches ------------------------------------------------------------------------------------------

    async def switch(self, name: str) -> Thrown | None:
        """Return how a switch stands; None if it was never thrown."""
        return await self._database.read(partial(_switch, name=name))

    async def switches(self, prefix: str) -> Mapping[str, Thrown]:
        """Return how the switches stand whose names begin so, by name."""
        return await self._database.read(partial(_switches, prefix=prefix))

    async def throw(self, name: str, on: bool, reason: str, by: str, at: int) -> None:
        """Throw a switch."""
        values = {"on": on, "reason": clean(reason), "by": by, "at": at}
        await self._database.write(partial(_throw, name=name, values=values))


def unless_there(db: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that does nothing, and counts nothing, where the row is there already."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


async def _acts(db: AsyncConnection, limit: int, after: int | None) -> Sequence[Act]:
    c, query = AUDIT.c, select(AUDIT).limit(limit)
    query = query.order_by(c.id.desc()) if after is None else query.where(c.id > after).order_by(c.id)
    return [Act(**row._mapping) for row in await db.execute(query)]


async def _begin(db: AsyncConnection, user: str, key: str, request: str, at: int) -> Kept | None:
    c = IDEMPOTENCY.c
    claim = unless_there(db, IDEMPOTENCY).values(user=user, key=key, request=request, at=at)
    if (await db.execute(claim)).rowcount:
        return None
    found = (await db.execute(select(IDEMPOTENCY).where(c.user == user, c.key == key))).one()
    return Kept(found.request, found.status, found.answer)


async def _switch(db: AsyncConnection, name: str) -> Thrown | None:
    row = (await db.execute(select(SWITCHES).where(SWITCHES.c.name == name))).one_or_none()
    return None if row is None else Thrown(row.on, row.reason, row.by, row.at)


async def _switches(db: AsyncConnection, prefix: str) -> Mapping[str, Thrown]:
    rows = await db.execute(select(SWITCHES).where(SWITCHES.c.name.startswith(prefix, autoescape=True)))
    return {row.name: Thrown(row.on, row.reason, row.by, row.at) for row in rows}


async def _throw(db: AsyncConnection, name: str, values: dict[str, Any]) -> None:
    first = await db.execute(unless_there(db, SWITCHES).values({**values, "name": name}))
    if not first.rowcount:
        await db.execute(update(SWITCHES).where(SWITCHES.c.name == name).values(values))
