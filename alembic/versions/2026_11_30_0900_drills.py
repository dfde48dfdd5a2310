"""the mark of a drill's database, and who has agreed to get the texts of drills"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "8f2b6c4d9e17"
down_revision: str | None = "d3a86f1e0b72"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table("drill",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(length=40), nullable=False),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("id = 1", name=op.f("ck_drill_one")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_drill"))
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drills", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("drills")
    op.drop_table("drill")
