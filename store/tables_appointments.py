"""The table of appointments for video calls. A part of ``store.tables.METADATA`` once imported."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text

from store.tables import METADATA

APPOINTMENTS: Final = Table(
    "appointments",
    METADATA,
    Column("id", Text, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("opens_at", BigInteger, nullable=False),
    Column("closes_at", BigInteger, nullable=False, index=True),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("cancelled_at", BigInteger, nullable=True),
    Column("cancelled_by", Text, nullable=False, server_default=""),
    Column("visit", Text, nullable=False, server_default="", index=True),
)
"""``video.appointment.Appointment``. ``visit`` is the interaction's id.

``name`` and ``note`` are personal data; a row is removed some weeks after it closed.
"""
