"""Calls to telephones outside, and messages that callers left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "dials",
        sa.Column("leg", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("interaction", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("off_hours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("leg", name=op.f("pk_dials")),
    )
    op.create_index(op.f("ix_dials_at"), "dials", ["at"])
    op.create_index(op.f("ix_dials_interaction"), "dials", ["interaction"])
    op.create_table(
        "voicemails",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=True),
        sa.Column("spooled", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemails")),
    )
    op.create_index(op.f("ix_voicemails_state"), "voicemails", ["state"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("voicemails")
    op.drop_table("dials")
