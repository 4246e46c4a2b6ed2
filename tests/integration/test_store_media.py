"""Recordings of rooms come back as they were noted, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from store.media import SqlMedia
from video.model import ParticipantId, RoomId
from video.ports import Leg, Media
from video.record_journal import Gap

pytest_plugins = ("tests.integration.postgres_fixture",)

ROOM = RoomId("ab" * 16)
LEGS = (
    Leg(ParticipantId("visitor"), "2026/01/02/x-1.wav"),
    Leg(ParticipantId("agent"), "2026/01/02/x-2.wav"),
)
MEDIA = Media(ROOM, 1_000, 61_000, "2026/01/02/x.mkv", 60_000, LEGS, (Gap(5, 9, "worker"),))


@pytest_asyncio.fixture
async def rows(store_url: str) -> AsyncIterator[SqlMedia]:
    rows = await SqlMedia.open(store_url)
    yield rows
    await rows.close()


async def test_a_recording_comes_back_and_is_replaced_by_a_later_one(rows: SqlMedia) -> None:
    assert await rows.find(ROOM) is None
    await rows.add(MEDIA)
    assert await rows.find(ROOM) == MEDIA
    later = Media(ROOM, 1_000, 71_000, "", 0, (), ())
    await rows.add(later)
    assert await rows.find(ROOM) == later
