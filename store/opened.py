"""Rows that a process reads and writes beside the one that writes the journal."""

from __future__ import annotations

from typing import Self

from store.database import Database, parse
from store.migrate import upgrade


class SqlRows:
    """Rows in a database of their own connections, which comes up to date when it is opened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, url: str) -> Self:
        """Bring the database at ``url`` up to date and connect. Raises Refused for a wrong URL."""
        database = Database(parse(url))
        try:
            await upgrade(database.engine)
        except BaseException:
            await database.close()
            raise
        return cls(database)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()
