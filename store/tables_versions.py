"""Tables of the centre's files. A part of ``store.tables.METADATA`` once imported, as ``store.migrate`` does."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, Text

from store.tables import METADATA

CENTRE_VERSIONS: Final = Table(
    "centre_versions",
    METADATA,
    Column("file", Text, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("digest", Text, nullable=False, server_default=""),
    Column("content", LargeBinary, nullable=True),
    Column("written", Boolean, nullable=False),
)
"""What the centre's files and recordings were. ``version``: from 1 for each file. ``by``: empty for a change from
outside. ``digest``: SHA-256 of ``content``; empty where there was no file. ``written``: whether the file is known to
have been replaced; the row comes first."""
