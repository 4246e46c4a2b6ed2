"""Visits by video, and the chat beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "visits",
        sa.Column("interaction", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("topic", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("camera", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Text(), server_default="", nullable=False),
        sa.Column("consented_at", sa.BigInteger(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("rated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("interaction", name=op.f("pk_visits")),
    )
    op.create_table(
        "visit_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_messages")),
        sa.UniqueConstraint(
            "interaction", "sender", "key", name=op.f("uq_visit_messages_interaction_sender_key")
        ),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("visit_messages")
    op.drop_table("visits")
