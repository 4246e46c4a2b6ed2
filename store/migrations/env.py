"""How Alembic runs here: on the connection that ``store.migrate`` hands over, else on ``-x url=``.

A new revision, after a change in tables.py:
``alembic -c store/migrations/alembic.ini -x url=sqlite:///new.db revision --autogenerate -m "What changes"``,
on a database that is at the head; then move ``store.migrate.HEAD`` on.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from store import tables_said, tables_waits  # noqa: F401 -- parts of METADATA
from store.database import Database, parse
from store.tables import METADATA


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=METADATA, render_as_batch=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()


async def _connect() -> None:
    database = Database(parse(context.get_x_argument(as_dictionary=True)["url"]))
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await database.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_connect())
else:
    _run(given)
