"""Tables of what people said of queues, contacts and recordings, and handed over.

A part of ``store.tables.METADATA`` once imported.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from store.tables import METADATA

QUEUE_ACTIVITY: Final = Table(
    "queue_activity",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Index("ix_queue_activity_queue_at", "queue", "at"),
)
"""What was said of queues; one that is not here is open."""

DISPOSITIONS: Final = Table(
    "dispositions",
    METADATA,
    Column("interaction", Text, primary_key=True, autoincrement=False),
    Column("agent", Text, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("category", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("follow_up", Boolean, nullable=False),
    Index("ix_dispositions_category_at", "category", "at"),
)
"""What a contact was about, in the last words of each agent. ``note`` may hold personal data."""

SURVEY_ANSWERS: Final = Table(
    "survey_answers",
    METADATA,
    Column("interaction", Text, primary_key=True, autoincrement=False),
    Column("question", Text, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("score", Integer, nullable=False),
    Index("ix_survey_answers_question_at", "question", "at"),
)

RECORDING_PAUSES: Final = Table(
    "recording_pauses",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("interaction", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("on", Boolean, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default=""),
)
"""``on``: silence is taken down from here on; else sound again. ``agent`` is empty where it ended by itself."""

VISIT_FILES: Final = Table(
    "visit_files",
    METADATA,
    Column("id", Text, primary_key=True, autoincrement=False),
    Column("interaction", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("sender", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("snapshot", Boolean, nullable=False),
    Column("size", BigInteger, nullable=True),
)
"""Files handed over in a visit. ``size`` is null until one is whole; ``file`` is from the recordings folder down."""
