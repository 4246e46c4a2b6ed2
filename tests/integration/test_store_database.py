"""Both databases: no lost update, no error under contention, no connection lost to a cut request."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from core.errors import Fatal, Refused
from store.database import CONNECTIONS, Database, open_sqlite, parse
from store.tables import JOURNAL, METADATA, SNAPSHOTS
from tests.waiting import until

pytest_plugins = ("tests.integration.postgres_fixture",)


@pytest_asyncio.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(parse(store_url))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert(JOURNAL).values(seq=1, at=0, body=""))
    yield database
    await database.close()


async def _add_one(connection: AsyncConnection) -> None:
    at = await connection.scalar(select(JOURNAL.c.at).where(JOURNAL.c.seq == 1))
    assert at is not None
    await connection.execute(update(JOURNAL).where(JOURNAL.c.seq == 1).values(at=at + 1))


async def _at(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(JOURNAL.c.at)) or 0)


async def test_no_update_is_lost(database: Database) -> None:
    runs = 0

    async def add_one(connection: AsyncConnection) -> None:
        nonlocal runs
        runs += 1
        await _add_one(connection)

    async def sixty() -> None:
        for _ in range(60):
            await database.write(add_one)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(sixty())
    assert await database.read(_at) == 480
    # A writer that holds the lock from its beginning never has to go again.
    assert runs == 480 or database.engine.dialect.name == "postgresql"


async def test_fifty_writers_beside_a_report(database: Database) -> None:
    async def report(connection: AsyncConnection) -> tuple[int, int]:
        first = await _at(connection)
        rows = await connection.scalar(select(func.count()).select_from(SNAPSHOTS))
        assert rows == 0
        return first, await _at(connection)

    async with asyncio.TaskGroup() as tasks:
        writers = [tasks.create_task(database.write(_add_one)) for _ in range(50)]
        reports = [tasks.create_task(database.read(report)) for _ in range(10)]
    assert all(writer.exception() is None for writer in writers)
    # A report sees one state from its first query to its last.
    assert all(first == last for first, last in (task.result() for task in reports))
    assert await database.read(_at) == 50


async def test_a_thousand_requests_cut_at_random_leave_the_pool_clean(database: Database) -> None:
    chance = random.Random(169)
    requests: set[asyncio.Task[None]] = set()
    cut = 0
    for _ in range(1000):
        request = asyncio.create_task(database.write(_add_one))
        requests.add(request)
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        if chance.random() < 0.7:
            cut += request.cancel()
        if len(requests) >= 50:
            await asyncio.wait(requests)
            requests.clear()
    await asyncio.gather(*requests, return_exceptions=True)
    assert cut > 500

    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    await until(lambda: pool.checkedout() == 0)
    assert pool.checkedin() <= CONNECTIONS
    if database.engine.dialect.name == "postgresql":
        assert await database.read(_sessions) == pool.checkedin() + pool.checkedout()
    done = await database.read(_at)
    await database.write(_add_one)
    assert await database.read(_at) == done + 1


async def _sessions(connection: AsyncConnection) -> int:
    return int(
        await connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        )
        or 0
    )


@pytest.mark.parametrize(
    "url", ["", "sambung.db", "sqlite://", "sqlite:///:memory:", "mysql://localhost/sambung"]
)
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="database"):
        parse(url)


def test_a_database_that_cannot_use_wal_is_refused() -> None:
    with pytest.raises(Fatal, match="WAL"):
        open_sqlite(Path(":memory:"))
