"""One place where a database is opened, so that every connection follows the same rules.

SQLite: WAL, durable on commit, writers take the lock when they begin. A deferred transaction that reads and
then writes fails at once, whatever the time-out, or silently loses an update; ``BEGIN IMMEDIATE`` does not
(SQLite, *Transactions*, 2.2). PostgreSQL: REPEATABLE READ, where the loser of a race is told and goes again.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import Fatal, Refused, TryLater

BUSY_S: Final = 5.0
"""How long a writer waits for, or goes again after, other writers."""

CONNECTIONS: Final = 5
"""How many a process keeps, at most."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_READ_ONLY: Final = "sambung_read_only"

T = TypeVar("T")


def parse(text: str) -> URL:
    """Return the URL with its asynchronous driver. Raises Refused for a database we do not support."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise Refused(
            f"database: {text!r} is not a URL like sqlite:///var/sambung.db or postgresql://host/name"
        ) from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise Refused("database: SQLite needs a file, several processes share it")
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            if importlib.util.find_spec("asyncpg") is None:
                raise Refused(
                    "database: PostgreSQL needs the extra 'postgres' (pip install sambung[postgres])"
                )
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise Refused(f"database: {other} is not supported; use sqlite or postgresql")


def open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a connection in autocommit mode, for any thread; the caller says BEGIN."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: DBAPIConnection | sqlite3.Connection) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.execute("PRAGMA journal_mode = WAL")
    mode = cursor.fetchone()
    cursor.close()
    if mode is None or mode[0] != "wal":
        # On some network file systems SQLite stays with its old journal and says so only here.
        raise Fatal(f"SQLite could not switch to WAL (it answered {mode!r}); use a local disk or PostgreSQL")


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            isolation_level="REPEATABLE READ",
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
            connect_args={"command_timeout": 30, "timeout": 10},
        )
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins by itself, deferred
        _configure(connection)

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Database:
    """Transactions that a cancelled caller cannot leave half done: each runs in a task that this owns."""

    def __init__(self, url: URL) -> None:
        self.engine: AsyncEngine = _engine(url)
        self._readers = self.engine.execution_options(**{_READ_ONLY: True, "postgresql_readonly": True})
        self._tasks: set[asyncio.Task[object]] = set()

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run ``work`` in a transaction that only reads, and that sees one state throughout.

        Raises TryLater when every connection stays in use.
        """
        return await self._own(self._transaction(self._readers, work))

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run ``work``, which waits for nothing but the database, in a transaction; after a lost race, again.

        Raises TryLater when other writers won for ``BUSY_S``.
        """
        return await self._own(self._winning(work))

    async def close(self) -> None:
        """Let running transactions end, then close every connection."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.engine.dispose()

    async def _own(self, transaction: Coroutine[object, object, T]) -> T:
        task = asyncio.create_task(transaction, name="database")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen here, for the caller may be gone

    async def _winning(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        deadline = time.monotonic() + BUSY_S
        while True:
            try:
                return await self._transaction(self.engine, work)
            except DBAPIError as error:
                if not lost_race(error):
                    raise
                if time.monotonic() > deadline:
                    raise TryLater("the database is busy with other writers") from error

    async def _transaction(self, engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        try:
            async with engine.begin() as connection:
                return await work(connection)
        except PoolTimeout as error:
            raise TryLater("every database connection is in use") from error


def lost_race(error: DBAPIError) -> bool:
    """Whether a transaction failed only because another was faster, so that it may be tried again."""
    # 40001: serialization failure, 40P01: deadlock (PostgreSQL, appendix A); SQLite says it in words only.
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01") or "database is locked" in str(
        error.orig
    )
