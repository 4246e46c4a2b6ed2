"""The one connection on which the journal is written, for each database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg as postgresql

from store.database import open_sqlite
from store.projection import grouped
from store.rows import Change
from store.statements import compiled


class Writer(Protocol):
    """Writes changes durably."""

    async def write(self, changes: Sequence[Change]) -> None:
        """Write all of ``changes`` in one transaction, or none of them and raise the driver's error."""
        ...

    async def close(self) -> None:
        """Finish what is being written and close the connection."""
        ...


async def open_writer(url: URL) -> Writer:
    """Connect to the database."""
    if url.get_backend_name() == "sqlite":
        return SqliteWriter(Path(url.database or ""))
    return await PostgresWriter.open(url)


class SqliteWriter:
    """A connection with a thread of its own: one hop between threads for each transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = open_sqlite(path)
        self._statements = compiled(sqlite.dialect(paramstyle="qmark"))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def write(self, changes: Sequence[Change]) -> None:
        """Write ``changes`` in one transaction. Raises sqlite3.Error."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, changes)

    async def close(self) -> None:
        """Wait for the thread and close."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    def _write(self, changes: Sequence[Change]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for kind, batch in grouped(changes):
                text, arguments = self._statements[kind]
                connection.executemany(text, map(arguments, batch))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class PostgresWriter:
    """A connection beside the pool's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._statements = compiled(
            postgresql.PGDialect_asyncpg()  # type: ignore[no-untyped-call]
        )

    @classmethod
    async def open(cls, url: URL) -> PostgresWriter:
        """Connect, within ten seconds."""
        import asyncpg  # type: ignore[import-untyped]  # an extra

        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return cls(await asyncpg.connect(dsn, timeout=10, command_timeout=30))

    async def write(self, changes: Sequence[Change]) -> None:
        """Write ``changes`` in one transaction. Raises asyncpg.PostgresError and OSError."""
        async with self._connection.transaction():
            for kind, batch in grouped(changes):
                text, arguments = self._statements[kind]
                await self._connection.executemany(text, map(arguments, batch))

    async def close(self) -> None:
        """Say goodbye to the server, within ten seconds."""
        await self._connection.close(timeout=10)
