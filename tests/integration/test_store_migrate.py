"""The migrations make exactly the tables that the code uses, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import store.migrations
from store.database import Database, parse
from store.migrate import HEAD, upgrade
from store.tables import METADATA

pytest_plugins = ("tests.integration.postgres_fixture",)

_FOLDER = Path(store.migrations.__file__).parent


@pytest_asyncio.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(parse(store_url))
    yield database
    await database.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def _drift(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def test_the_code_knows_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(_config()).get_heads() == [HEAD]


async def test_no_drift(database: Database) -> None:
    await upgrade(database.engine)
    async with database.engine.begin() as connection:
        assert await connection.run_sync(_drift) == []
        assert await connection.run_sync(_tables) == {*METADATA.tables, "alembic_version"}


async def test_several_processes_may_upgrade_at_once(store_url: str) -> None:
    databases = [Database(parse(store_url)) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for database in databases:
            tasks.create_task(upgrade(database.engine))
    async with databases[0].engine.begin() as connection:
        assert await connection.run_sync(_drift) == []
    for database in databases:
        await database.close()


async def test_the_way_back(database: Database) -> None:
    await upgrade(database.engine)

    def down(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    async with database.engine.begin() as connection:
        await connection.run_sync(down)
        assert await connection.run_sync(_tables) == {"alembic_version"}
    await upgrade(database.engine)
    async with database.engine.begin() as connection:
        assert await connection.run_sync(_drift) == []
