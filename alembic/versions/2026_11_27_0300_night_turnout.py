"""night turnout: minutes of crews and vehicles by night, and what a plan assumed of those it could send"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "c47a0e5d91f3"
down_revision: str | None = "b81d3f0a6c52"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("crew", "vehicle"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("turnout_night_minutes", sa.Integer(), nullable=True))
    with op.batch_alter_table("joint_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assumed", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("joint_plan", schema=None) as batch_op:
        batch_op.drop_column("assumed")
    for table in ("vehicle", "crew"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("turnout_night_minutes")
