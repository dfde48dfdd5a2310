"""refused webhooks that pile up"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "a5d08e61c37b"
down_revision: str | None = "e2a7c40b95d8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("callback_refusal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pile", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("pile_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("callback_refusal", schema=None) as batch_op:
        batch_op.drop_column("pile_at")
        batch_op.drop_column("pile")
