"""Who works on a message that a caller left, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("voicemails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("called_at", sa.BigInteger(), nullable=True))
        for name in ("callback", "done_by", "category", "note"):
            batch_op.add_column(sa.Column(name, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("voicemails", schema=None) as batch_op:
        for name in ("note", "category", "done_by", "callback", "called_at", "changed_at"):
            batch_op.drop_column(name)
