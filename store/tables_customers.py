"""Tables of customers: drafts and cases of agents. A part of ``store.tables.METADATA`` once imported."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from store.tables import INTERACTIONS, METADATA

BY_CALLER: Final = Index(
    "ix_interactions_caller_arrived_at", INTERACTIONS.c.caller, INTERACTIONS.c.arrived_at
)
"""By which the earlier contacts of a customer are found, the newest first."""

DRAFTS: Final = Table(
    "drafts",
    METADATA,
    Column("interaction", Text, primary_key=True, autoincrement=False),
    Column("agent", Text, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("text", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("follow_up", Boolean, nullable=False),
    Column("due", BigInteger, nullable=True),
)
"""What agents have written and not handed in. ``text`` may hold personal data."""

CASES: Final = Table(
    "cases",
    METADATA,
    Column("interaction", Text, primary_key=True, autoincrement=False),
    Column("agent", Text, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=True),
    Column("done_by", Text, nullable=False, server_default=""),
    Index("ix_cases_agent_done_at_due", "agent", "done_at", "due"),
    Index("ix_cases_done_at_due", "done_at", "due"),
)
"""What was promised to customers. What it is about stands in ``dispositions``. ``done_by``: an account's name."""
