"""Tables of announced waits. A part of ``store.tables.METADATA`` once this is imported, as ``store.migrate`` does."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from store.tables import METADATA

PREDICTIONS: Final = Table(
    "predictions",
    METADATA,
    Column("interaction", Text, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("predicted_p80", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("waited_ms", BigInteger, nullable=True),
    Column("answered", Boolean, nullable=True),
    Index("ix_predictions_at", "at"),
)
"""Waits as they were announced, in milliseconds. ``waited_ms`` and ``answered``: the truth, once it is known."""
