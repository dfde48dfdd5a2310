"""present places: where crews and vehicles were seen last, when, and who said so"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "d90b62c8e7a4"
down_revision: str | None = "c47a0e5d91f3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("crew", "vehicle"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("present_lat", sa.Float(), nullable=True))
            batch_op.add_column(sa.Column("present_lon", sa.Float(), nullable=True))
            batch_op.add_column(sa.Column("fix_at", sa.DateTime(timezone=True), nullable=True))
            batch_op.add_column(sa.Column("fix_by", sa.String(length=80), nullable=True))


def downgrade() -> None:
    for table in ("vehicle", "crew"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in ("fix_by", "fix_at", "present_lon", "present_lat"):
                batch_op.drop_column(column)
