"""Kinds of interactions, queue states, dispositions, survey answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "dispositions",
        sa.Column("interaction", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("agent", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("interaction", "agent", name=op.f("pk_dispositions")),
    )
    with op.batch_alter_table("dispositions", schema=None) as batch_op:
        batch_op.create_index("ix_dispositions_category_at", ["category", "at"], unique=False)

    op.create_table(
        "queue_activity",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq", "n", name=op.f("pk_queue_activity")),
    )
    with op.batch_alter_table("queue_activity", schema=None) as batch_op:
        batch_op.create_index("ix_queue_activity_queue_at", ["queue", "at"], unique=False)

    op.create_table(
        "survey_answers",
        sa.Column("interaction", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("interaction", "question", name=op.f("pk_survey_answers")),
    )
    with op.batch_alter_table("survey_answers", schema=None) as batch_op:
        batch_op.create_index("ix_survey_answers_question_at", ["question", "at"], unique=False)

    with op.batch_alter_table("interactions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), server_default="inbound", nullable=False))
        batch_op.add_column(sa.Column("parent", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_interactions_parent"), ["parent"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("interactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interactions_parent"))
        batch_op.drop_column("parent")
        batch_op.drop_column("kind")

    with op.batch_alter_table("survey_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_survey_answers_question_at")

    op.drop_table("survey_answers")
    with op.batch_alter_table("queue_activity", schema=None) as batch_op:
        batch_op.drop_index("ix_queue_activity_queue_at")

    op.drop_table("queue_activity")
    with op.batch_alter_table("dispositions", schema=None) as batch_op:
        batch_op.drop_index("ix_dispositions_category_at")

    op.drop_table("dispositions")
