"""Pauses of recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "recording_pauses",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("interaction", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_recording_pauses")),
    )
    with op.batch_alter_table("recording_pauses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_pauses_interaction"), ["interaction"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("recording_pauses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_pauses_interaction"))

    op.drop_table("recording_pauses")
