"""The rows of files handed over in visits: fills video.files.FileRows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ids import InteractionId
from store.database import Database
from store.tables import VISIT_MESSAGES
from store.tables_said import VISIT_FILES
from store.wire import clean
from video.book import FileInfo, Message
from video.file_rules import FileKind
from video.files import FileEntry


class SqlFiles:
    """Beside the journal, as the chat is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, entry: FileEntry, most: int) -> bool:
        """Note a file that is about to come; False, and nothing noted, if the visit has ``most`` already."""
        return await self._database.write(partial(_begin, entry=entry, most=most))

    async def finish(self, id_: str, size: int, at: int) -> Message:
        """Note that a file is whole, and put it into the conversation. Both or neither."""
        return await self._database.write(partial(_finish, id_=id_, size=size, at=at))

    async def drop(self, id_: str) -> None:
        """Forget a file."""

        async def work(db: AsyncConnection) -> None:
            await db.execute(delete(VISIT_FILES).where(VISIT_FILES.c.id == id_))

        await self._database.write(work)

    async def file(self, id_: str) -> FileEntry | None:
        """Return a file that is whole."""
        c = VISIT_FILES.c
        found = select(VISIT_FILES).where(c.id == clean(id_), c.size.is_not(None))

        async def work(db: AsyncConnection) -> FileEntry | None:
            row = (await db.execute(found)).one_or_none()
            return None if row is None else _entry(row)

        return await self._database.read(work)

    async def files(self, interaction: InteractionId) -> Sequence[FileEntry]:
        """Return a visit's files that are whole, the oldest first."""
        c = VISIT_FILES.c
        found = (
            select(VISIT_FILES).where(c.interaction == interaction, c.size.is_not(None)).order_by(c.at, c.id)
        )

        async def work(db: AsyncConnection) -> Sequence[FileEntry]:
            return [_entry(row) for row in await db.execute(found)]

        return await self._database.read(work)

    async def unfinished(self) -> Sequence[FileEntry]:
        """Return what is not whole."""

        async def work(db: AsyncConnection) -> Sequence[FileEntry]:
            return [
                _entry(row)
                for row in await db.execute(select(VISIT_FILES).where(VISIT_FILES.c.size.is_(None)))
            ]

        return await self._database.read(work)


async def _begin(db: AsyncConnection, entry: FileEntry, most: int) -> bool:
    c = VISIT_FILES.c
    count = select(func.count()).select_from(VISIT_FILES).where(c.interaction == entry.interaction)
    if (await db.scalar(count) or 0) >= most:
        return False
    await db.execute(insert(VISIT_FILES).values({**msgspec.structs.asdict(entry), "name": clean(entry.name)}))
    return True


async def _finish(db: AsyncConnection, id_: str, size: int, at: int) -> Message:
    whole = update(VISIT_FILES).where(VISIT_FILES.c.id == id_).values(size=size).returning(VISIT_FILES)
    row = (await db.execute(whole)).one()
    line = {
        "interaction": row.interaction,
        "sender": row.sender,
        "key": id_,
        "at": at,
        "text": "",
        "file": id_,
    }
    number = (await db.execute(insert(VISIT_MESSAGES).values(line))).inserted_primary_key
    assert number is not None
    return Message(id=number[0], at=at, sender=row.sender, text="", key=id_, file=file_info(row))


def file_info(row: Row[Any]) -> FileInfo:
    """Return what both sides see of a file that is whole."""
    return FileInfo(id=row.id, name=row.name, kind=row.kind, size=row.size, snapshot=row.snapshot)


def _entry(row: Row[Any]) -> FileEntry:
    return FileEntry(
        **{**row._asdict(), "interaction": InteractionId(row.interaction), "kind": FileKind(row.kind)}
    )
