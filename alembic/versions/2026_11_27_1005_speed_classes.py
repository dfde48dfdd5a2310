"""how fast a vehicle drives"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "5e8b1c7f40d3"
down_revision: str | None = "4f0c9d27ab61"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CLASSES = ("light", "standard", "heavy")


def upgrade() -> None:
    kind = sa.Enum(*CLASSES, name="speedclass", native_enum=False, length=20)
    with op.batch_alter_table("vehicle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("speed_class", kind, nullable=False, server_default="standard"))
    with op.batch_alter_table("vehicle", schema=None) as batch_op:
        batch_op.alter_column("speed_class", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("vehicle", schema=None) as batch_op:
        batch_op.drop_column("speed_class")
