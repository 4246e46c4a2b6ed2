"""What is kept of a video visit, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from core.ids import InteractionId
from store.database import Database, parse
from store.migrate import upgrade
from store.visits import SqlBook
from video.book import Rating, Visitor

pytest_plugins = ("tests.integration.postgres_fixture",)

ONE, OTHER = InteractionId("1" * 32), InteractionId("2" * 32)
SARI = Visitor(ONE, "Sari \ud800", "kbli", "id", True, "2026-11", 1_700_000_000_000)


@pytest_asyncio.fixture
async def book(store_url: str) -> AsyncIterator[SqlBook]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield SqlBook(database)
    await database.close()


async def test_a_visitor_is_kept_once_as_said(book: SqlBook) -> None:
    assert await book.visitor(ONE) is None
    await book.add(SARI)
    await book.add(Visitor(ONE, "Somebody else", "other", "en", False, "", None))
    kept = await book.visitor(ONE)
    assert kept is not None
    assert (kept.name, kept.topic, kept.consent, kept.consented_at) == (
        "Sari ?",
        "kbli",
        "2026-11",
        SARI.consented_at,
    )


async def test_a_line_sent_twice_is_kept_once_even_at_the_same_moment(book: SqlBook) -> None:
    said = await asyncio.gather(
        *(book.say(ONE, key, 5, sender, f"{sender} {key}") for sender in ("visitor", "ag1") for key in "abab")
    )
    kept = await book.messages(ONE)
    assert [line.id for line in kept] == sorted({line.id for line in kept})
    assert len(kept) == 4
    assert {line.text for line in kept} == {"visitor a", "visitor b", "ag1 a", "ag1 b"}
    assert set(said) == set(kept)
    assert await book.messages(OTHER) == []


async def test_the_first_rating_stands(book: SqlBook) -> None:
    assert not await book.rate(ONE, Rating(5), 1), "nobody came"
    await book.add(SARI)
    assert await book.rate(ONE, Rating(4, "terima kasih"), 1)
    assert not await book.rate(ONE, Rating(1), 2)
