"""needs by hand, and what is at stake"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "b3f1c2a97d60"
down_revision: str | None = "7c52d0b81e34"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("needs_by_hand", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("needs_set_by", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("needs_set_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("stake", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        for name in ("stake", "needs_set_at", "needs_set_by", "needs_by_hand"):
            batch_op.drop_column(name)
