"""roster changes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "c0d9b2e86f13"
down_revision: str | None = "b71c04e5d2a9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DEEDS = ("added", "changed", "removed", "copied", "undone")


def upgrade() -> None:
    op.create_table("roster_change",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", sa.String(length=80), nullable=False),
    sa.Column("agency_id", sa.String(), nullable=False),
    sa.Column("what", sa.Enum(*DEEDS, name="rosterdeed", native_enum=False, length=20), nullable=False),
    sa.Column("removed", sa.JSON(), nullable=False),
    sa.Column("added", sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_roster_change_agency_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_change"))
    )
    with op.batch_alter_table("roster_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_change_agency_id"), ["agency_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("roster_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_change_agency_id"))

    op.drop_table("roster_change")
