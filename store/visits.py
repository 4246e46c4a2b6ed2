"""Visits by video: fills video.book.Book."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ids import InteractionId
from store.database import Database
from store.tables import VISIT_MESSAGES, VISITS
from store.tables_said import VISIT_FILES
from store.visit_files import file_info
from store.wire import clean
from video.book import Message, Rating, Visitor


class SqlBook:
    """Beside the journal: nothing here decides where a visitor goes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, visitor: Visitor) -> None:
        """Write down a visitor. A second time changes nothing."""
        await self._database.write(partial(_add, visitor=visitor))

    async def visitor(self, interaction: InteractionId) -> Visitor | None:
        """Return who asked for the call."""
        return await self._database.read(partial(_visitor, interaction=interaction))

    async def say(self, interaction: InteractionId, key: str, at: int, sender: str, text: str) -> Message:
        """Keep a line of chat and return it. With a ``key`` that its sender used before: the line as it was kept."""
        values = {
            "interaction": interaction,
            "sender": clean(sender),
            "key": clean(key),
            "at": at,
            "text": clean(text),
        }
        return await self._database.write(partial(_say, values=values))

    async def messages(self, interaction: InteractionId) -> Sequence[Message]:
        """Return the chat, the oldest line first."""
        return await self._database.read(partial(_messages, interaction=interaction))

    async def rate(self, interaction: InteractionId, rating: Rating, at: int) -> bool:
        """Keep a rating; return False if there is one already, which stands."""
        c = VISITS.c
        change = (
            update(VISITS)
            .where(c.interaction == interaction, c.rated_at.is_(None))
            .values(rating=rating.score, comment=clean(rating.comment), rated_at=at)
        )

        async def work(db: AsyncConnection) -> bool:
            return (await db.execute(change)).rowcount == 1

        return await self._database.write(work)


async def _add(db: AsyncConnection, visitor: Visitor) -> None:
    c = VISITS.c
    if (await db.execute(select(c.interaction).where(c.interaction == visitor.id))).first():
        return
    await db.execute(
        insert(VISITS).values(
            interaction=visitor.id,
            name=clean(visitor.name),
            topic=clean(visitor.topic),
            language=clean(visitor.language),
            camera=visitor.camera,
            consent=clean(visitor.consent),
            consented_at=visitor.consented_at,
            appointment_at=visitor.appointment_at,
        )
    )


async def _visitor(db: AsyncConnection, interaction: InteractionId) -> Visitor | None:
    row = (await db.execute(select(VISITS).where(VISITS.c.interaction == interaction))).first()
    if row is None:
        return None
    return Visitor(
        id=InteractionId(row.interaction),
        name=row.name,
        topic=row.topic,
        language=row.language,
        camera=row.camera,
        consent=row.consent,
        consented_at=row.consented_at,
        rated=row.rated_at is not None,
        appointment_at=row.appointment_at,
    )


async def _say(db: AsyncConnection, values: dict[str, object]) -> Message:
    c = VISIT_MESSAGES.c
    kind = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    await db.execute(kind(VISIT_MESSAGES).values(values).on_conflict_do_nothing())
    mine = (c.interaction == values["interaction"], c.sender == values["sender"], c.key == values["key"])
    row = (await db.execute(select(VISIT_MESSAGES).where(*mine))).one()
    return Message(id=row.id, at=row.at, sender=row.sender, text=row.text, key=row.key)


async def _messages(db: AsyncConnection, interaction: InteractionId) -> Sequence[Message]:
    c = VISIT_MESSAGES.c
    rows = await db.execute(select(VISIT_MESSAGES).where(c.interaction == interaction).order_by(c.id))
    found = await db.execute(
        select(VISIT_FILES).where(VISIT_FILES.c.interaction == interaction, VISIT_FILES.c.size.is_not(None))
    )
    files = {row.id: file_info(row) for row in found}
    return [
        Message(id=row.id, at=row.at, sender=row.sender, text=row.text, key=row.key, file=files.get(row.file))
        for row in rows
    ]
