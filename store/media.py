"""The rows of finished recordings of rooms: fills video.ports.MediaRows."""

from __future__ import annotations

from functools import partial

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.opened import SqlRows
from store.tables import MEDIA
from video.model import RoomId
from video.ports import Leg, Media
from video.record_journal import Gap


class SqlMedia(SqlRows):
    """Written by the recorder process, read by whoever plays and transcribes."""

    async def add(self, media: Media) -> None:
        """Note a recording; one that is there already is replaced."""
        await self._database.write(partial(_add, media=media))

    async def find(self, room: RoomId) -> Media | None:
        """Return the recording of a room."""
        return await self._database.read(partial(_find, room=room))


async def _add(connection: AsyncConnection, media: Media) -> None:
    await connection.execute(delete(MEDIA).where(MEDIA.c.id == media.id))
    await connection.execute(
        insert(MEDIA).values(
            id=media.id,
            started_at=media.started_at,
            ended_at=media.ended_at,
            file=media.file,
            length_ms=media.length_ms,
            legs=msgspec.json.encode(media.legs).decode(),
            gaps=msgspec.json.encode(media.gaps).decode(),
        )
    )


async def _find(connection: AsyncConnection, room: RoomId) -> Media | None:
    row = (await connection.execute(select(MEDIA).where(MEDIA.c.id == room))).one_or_none()
    if row is None:
        return None
    return Media(
        id=RoomId(row.id),
        started_at=row.started_at,
        ended_at=row.ended_at,
        file=row.file,
        length_ms=row.length_ms,
        legs=msgspec.json.decode(row.legs, type=tuple[Leg, ...]),
        gaps=msgspec.json.decode(row.gaps, type=tuple[Gap, ...]),
    )
