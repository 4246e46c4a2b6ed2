"""An endpoint of webhooks remembers its place in the journal; nothing is kept ready for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_webhook"))

    op.drop_table("webhook_deliveries")
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("n", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_column("due_at")
        batch_op.drop_column("attempts")
        batch_op.drop_column("n")
        batch_op.drop_column("seq")

    op.create_table(
        "webhook_deliveries",
        sa.Column("seq", sa.INTEGER(), nullable=False),
        sa.Column("webhook", sa.TEXT(), nullable=False),
        sa.Column("event", sa.TEXT(), nullable=False),
        sa.Column("body", sa.TEXT(), nullable=False),
        sa.Column("attempts", sa.INTEGER(), nullable=False),
        sa.Column("due_at", sa.BIGINT(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_webhook_deliveries")),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_deliveries_webhook"), ["webhook"], unique=False)
