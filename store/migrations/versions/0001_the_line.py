"""The journal, what follows from it, and recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "agent_activity",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in", sa.Boolean(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("reach", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "n", name=op.f("pk_agent_activity")),
    )
    with op.batch_alter_table("agent_activity", schema=None) as batch_op:
        batch_op.create_index("ix_agent_activity_agent_at", ["agent", "at"], unique=False)

    op.create_table(
        "interactions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), server_default="", nullable=False),
        sa.Column("dialled", sa.Text(), server_default="", nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("abandoned_in", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
    )
    with op.batch_alter_table("interactions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interactions_arrived_at"), ["arrived_at"], unique=False)

    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the event as JSON (acd.events.Event)"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_table(
        "receipts",
        sa.Column("offer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("interaction", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the receipt as JSON (acd.effects.Receipt)"),
        sa.PrimaryKeyConstraint("offer", name=op.f("pk_receipts")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipts_interaction"), ["interaction"], unique=False)
        batch_op.create_index("ix_receipts_seq", ["seq"], unique=False)

    op.create_table(
        "recordings",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("customer_file", sa.Text(), server_default="", nullable=False),
        sa.Column("agent_file", sa.Text(), server_default="", nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=True),
        sa.Column("call_ms", sa.BigInteger(), nullable=True),
        sa.Column("level_customer_db", sa.Float(), nullable=True),
        sa.Column("level_agent_db", sa.Float(), nullable=True),
        sa.Column("problems", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_state"), ["state"], unique=False)

    op.create_table(
        "segments",
        sa.Column("interaction", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("offer", sa.Integer(), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("held_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("wait_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ring_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hold_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wrap_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("interaction", "seq", "n", name=op.f("pk_segments")),
    )
    with op.batch_alter_table("segments", schema=None) as batch_op:
        batch_op.create_index("ix_segments_agent_ended_at", ["agent", "ended_at"], unique=False)
        batch_op.create_index("ix_segments_queue_queued_at", ["queue", "queued_at"], unique=False)

    op.create_table(
        "snapshots",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "transitions",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("interaction", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("offer", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("seq", "n", name=op.f("pk_transitions")),
    )
    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transitions_interaction"), ["interaction"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transitions_interaction"))

    op.drop_table("transitions")
    op.drop_table("snapshots")
    with op.batch_alter_table("segments", schema=None) as batch_op:
        batch_op.drop_index("ix_segments_queue_queued_at")
        batch_op.drop_index("ix_segments_agent_ended_at")

    op.drop_table("segments")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_state"))

    op.drop_table("recordings")
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_index("ix_receipts_seq")
        batch_op.drop_index(batch_op.f("ix_receipts_interaction"))

    op.drop_table("receipts")
    op.drop_table("journal")
    with op.batch_alter_table("interactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interactions_arrived_at"))

    op.drop_table("interactions")
    with op.batch_alter_table("agent_activity", schema=None) as batch_op:
        batch_op.drop_index("ix_agent_activity_agent_at")

    op.drop_table("agent_activity")
