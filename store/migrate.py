"""Bringing a database to the tables of this version."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from store import (  # noqa: F401 -- METADATA is whole with them
    tables_appointments,
    tables_customers,
    tables_said,
    tables_versions,
    tables_waits,
)
from store.database import lost_race

HEAD: Final = "0015"
"""The newest revision in migrations/versions."""

_LOCK: Final = 169_000_001
"""PostgreSQL's advisory lock for one migration at a time; any number nobody else uses."""


_PATIENCE_S: Final = 60.0
"""So long SQLite's lock is waited for: on a slow disk another process may take its time to upgrade."""


async def upgrade(engine: AsyncEngine) -> None:
    """Apply the migrations that are missing. Several processes may do it at once: one of them does."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await _upgrade_once(engine)
        except DBAPIError as error:
            if not lost_race(error) or time.monotonic() > deadline:
                raise


async def _upgrade_once(engine: AsyncEngine) -> None:
    if engine.dialect.name == "postgresql":
        # Who waited for the lock must see what its holder did.
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if await connection.run_sync(_revision) != HEAD:
            await connection.run_sync(_upgrade)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command  # a sixth of a second that a start without migrations does not spend
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
