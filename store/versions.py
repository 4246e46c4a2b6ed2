"""What the centre's files were, and who changed them: every version with its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.tables_versions import CENTRE_VERSIONS
from store.wire import clean


class Kept(NamedTuple):
    """One version of a file, without its content. Times are milliseconds UTC."""

    file: str
    version: int
    at: int
    by: str
    """Empty for a change from outside."""
    note: str
    digest: str
    """SHA-256 in hexadecimal; empty where there was no file."""
    written: bool
    """Whether the file is known to have been replaced; the row comes first."""


_HEAD: Final = tuple(CENTRE_VERSIONS.c[name] for name in Kept._fields)


class SqlVersions:
    """Beside the journal, and for the whole life of a centre: nothing is ever removed but what was never written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self) -> Mapping[str, Sequence[Kept]]:
        """Return the newest two versions of every file, the newest first."""
        return await self._database.read(_latest)

    async def of(self, file: str, limit: int) -> Sequence[tuple[Kept, bytes | None]]:
        """Return the newest versions of a file with what they held, newest first; None where there was no file."""
        return await self._database.read(partial(_of, file=file, limit=limit))

    async def content(self, file: str, version: int) -> tuple[Kept, bytes | None] | None:
        """Return one version with what it held; None if there is no such version."""
        return await self._database.read(partial(_one, file=file, version=version))

    async def add(self, row: Kept, content: bytes | None) -> bool:
        """Write a version down; return False if another was faster with its number."""
        return await self._database.write(partial(_add, row=row, content=content))

    async def settle(self, file: str, version: int, *, written: bool) -> None:
        """Say that the file was replaced, or that it never was: then the version is removed."""
        c = CENTRE_VERSIONS.c
        this = (c.file == file, c.version == version)
        done = update(CENTRE_VERSIONS).where(*this).values(written=True)
        gone = delete(CENTRE_VERSIONS).where(*this, c.written.is_(False))
        await self._database.write(lambda db: db.execute(done if written else gone))


async def _latest(db: AsyncConnection) -> Mapping[str, Sequence[Kept]]:
    c = CENTRE_VERSIONS.c
    newest = select(c.file, func.max(c.version).label("version")).group_by(c.file).subquery()
    query = (
        select(*_HEAD)
        .join(newest, newest.c.file == c.file)
        .where(c.version >= newest.c.version - 1)
        .order_by(c.file, c.version.desc())
    )
    found: dict[str, list[Kept]] = {}
    for row in await db.execute(query):
        found.setdefault(row.file, []).append(_kept(row))
    return found


async def _of(db: AsyncConnection, file: str, limit: int) -> Sequence[tuple[Kept, bytes | None]]:
    c = CENTRE_VERSIONS.c
    query = select(*_HEAD, c.content).where(c.file == clean(file)).order_by(c.version.desc()).limit(limit)
    return [(_kept(row), row.content) for row in await db.execute(query)]


async def _one(db: AsyncConnection, file: str, version: int) -> tuple[Kept, bytes | None] | None:
    c = CENTRE_VERSIONS.c
    query = select(*_HEAD, c.content).where(c.file == clean(file), c.version == version)
    row = (await db.execute(query)).one_or_none()
    return None if row is None else (_kept(row), row.content)


async def _add(db: AsyncConnection, row: Kept, content: bytes | None) -> bool:
    c = CENTRE_VERSIONS.c
    newest = await db.scalar(select(func.max(c.version)).where(c.file == row.file))
    if (newest or 0) + 1 != row.version:
        return False
    values = {**row._asdict(), "note": clean(row.note), "content": content}
    await db.execute(insert(CENTRE_VERSIONS).values(values))
    return True


def _kept(row: Any) -> Kept:
    return Kept(*(row._mapping[name] for name in Kept._fields))
