"""The journal in a database: fills acd.ports.Journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.events import Event
from acd.ports import Entry, Snapshot
from core.errors import Fatal
from store.database import Database, parse
from store.migrate import upgrade
from store.projection import rows_of
from store.tables import JOURNAL, SNAPSHOTS
from store.wire import decode_event
from store.writer import Writer, open_writer

_CHUNK: Final = 5_000
"""Entries read at once: a megabyte or so."""

_KEPT: Final = 2


class SqlJournal:
    """Append-only, with the rows that follow from each entry in its transaction. One writer at a time."""

    def __init__(self, database: Database, writer: Writer, last: int) -> None:
        self._database = database
        self._writer = writer
        self._last = last

    @classmethod
    async def open(cls, url: str) -> SqlJournal:
        """Bring the database at ``url`` up to date and open its journal. Raises Refused for a wrong URL."""
        address = parse(url)
        database = Database(address)
        try:
            await upgrade(database.engine)
            last = await database.read(_last)
            return cls(database, await open_writer(address), last)
        except BaseException:
            await database.close()
            raise

    async def close(self) -> None:
        """Finish what is being written and close every connection."""
        await self._writer.close()
        await self._database.close()

    @property
    def last(self) -> int:
        """The ``seq`` of the newest entry, 0 in an empty journal."""
        return self._last

    async def append(self, entries: Sequence[Entry]) -> None:
        """Make ``entries`` and their rows durable. Raises Fatal, and then none of them is in the journal.

        Where the commit itself was cut off (power, a lost connection) they may be: read the journal anew.
        """
        if not entries:
            return
        if [e.seq for e in entries] != list(range(self._last + 1, self._last + 1 + len(entries))):
            raise Fatal(f"the entries do not follow on entry {self._last} of the journal")
        try:
            await self._writer.write(rows_of(entries))
        except Exception as error:
            raise Fatal(f"the journal could not be written: {error}") from error
        self._last = entries[-1].seq

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, int, Event]]:
        """Yield (seq, at, event) of every entry past ``after``, in order."""
        while True:
            chunk = await self._database.read(partial(_chunk, after=after))
            for seq, at, body in chunk:
                yield seq, at, decode_event(body)
            if len(chunk) < _CHUNK:
                return
            after = chunk[-1][0]

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep ``snapshot`` and the one before it."""
        await self._database.write(lambda c: _save(c, snapshot))

    async def snapshots(self) -> Sequence[Snapshot]:
        """Return the kept snapshots, newest first."""
        return await self._database.read(_snapshots)


async def _last(connection: AsyncConnection) -> int:
    return (await connection.scalar(select(func.max(JOURNAL.c.seq)))) or 0


async def _chunk(connection: AsyncConnection, after: int) -> Sequence[tuple[int, int, str]]:
    c = JOURNAL.c
    query = select(c.seq, c.at, c.body).where(c.seq > after).order_by(c.seq).limit(_CHUNK)
    return (await connection.execute(query)).all()


async def _save(connection: AsyncConnection, snapshot: Snapshot) -> None:
    c = SNAPSHOTS.c
    await connection.execute(delete(SNAPSHOTS).where(c.seq >= snapshot.seq))
    await connection.execute(insert(SNAPSHOTS).values(snapshot._asdict()))
    newest = select(c.seq).order_by(c.seq.desc()).limit(_KEPT)
    await connection.execute(delete(SNAPSHOTS).where(c.seq.not_in(newest.scalar_subquery())))


async def _snapshots(connection: AsyncConnection) -> Sequence[Snapshot]:
    c = SNAPSHOTS.c
    query = select(c.seq, c.version, c.body).order_by(c.seq.desc())
    return [Snapshot(*row) for row in (await connection.execute(query))]
