"""What is kept of appointments, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import insert

from core.ids import InteractionId
from store.appointments import SqlAppointments
from store.database import Database, parse
from store.migrate import upgrade
from store.tables import INTERACTIONS, SEGMENTS
from video.appointment import Appointment, AppointmentId

pytest_plugins = ("tests.integration.postgres_fixture",)

ONE, OTHER = AppointmentId("1" * 32), AppointmentId("2" * 32)
VISIT = InteractionId("a" * 32)
AGREED = Appointment(ONE, "kbli", "id", 100, 200, 90, 210, 50, "video", "Sari \ud800", "NIB \0 9120")


@pytest_asyncio.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield database
    await database.close()


async def test_an_appointment_is_kept_listed_cancelled_and_forgotten(database: Database) -> None:
    book = SqlAppointments(database)
    assert await book.find(ONE) is None
    await book.add(AGREED)
    await book.add(Appointment(OTHER, "lkpm_general", "en", 80, 90, 80, 95, 50, "agen"))
    kept = await book.find(ONE)
    assert kept is not None
    assert (kept.name, kept.note, kept.opens_at, kept.visit, kept.served) == (
        "Sari ?",
        "NIB  9120",
        90,
        None,
        False,
    )
    assert [each.id for each in await book.all(0, None, 10)] == [OTHER, ONE], "the first first"
    assert [each.id for each in await book.all(0, "video", 10)] == [ONE]
    assert [each.id for each in await book.all(96, None, 10)] == [ONE]
    assert len(await book.all(0, None, 1)) == 1

    await book.cancel(ONE, "video", 60)
    await book.cancel(ONE, "penyelia", 70)
    kept = await book.find(ONE)
    assert kept is not None
    assert (kept.cancelled_at, kept.cancelled_by) == (60, "video"), "the first stands"
    assert not await book.take(ONE, VISIT)

    await book.forget(100)
    assert [each.id for each in await book.all(0, None, 10)] == [ONE]


async def test_it_is_used_up_by_an_agent_or_a_promised_call(database: Database) -> None:
    book = SqlAppointments(database)
    await book.add(AGREED)
    assert await book.take(ONE, VISIT)
    kept = await book.of_visit(VISIT)
    assert kept is not None
    assert (kept.id, kept.served) == (ONE, False)
    segment = {"interaction": VISIT, "seq": 1, "n": 0, "queued_at": 1, "queue": "licensing"}
    await database.write(lambda db: db.execute(insert(SEGMENTS).values(segment)))
    assert not (await book.all(0, None, 10))[0].served, "waiting alone uses nothing up"
    answered = {**segment, "seq": 2, "answered_at": 5}
    await database.write(lambda db: db.execute(insert(SEGMENTS).values(answered)))
    assert (await book.all(0, None, 10))[0].served

    promised = InteractionId("b" * 32)
    assert await book.take(ONE, promised)
    row = {"id": promised, "channel": "video", "arrived_at": 1, "phase": "closed", "outcome": "callback"}
    await database.write(lambda db: db.execute(insert(INTERACTIONS).values(row)))
    assert (await book.all(0, None, 10))[0].served
