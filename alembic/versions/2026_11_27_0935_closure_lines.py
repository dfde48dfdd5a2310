"""roads closed along a line"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "4f0c9d27ab61"
down_revision: str | None = "7b3e5d91c0f2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("road_closure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("line", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("road_closure", schema=None) as batch_op:
        batch_op.alter_column("line", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("road_closure", schema=None) as batch_op:
        batch_op.drop_column("line")
