"""dated shifts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "b71c04e5d2a9"
down_revision: str | None = "a5fe835788d8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table("dated_shift",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("contact_id", sa.String(length=60), nullable=False),
    sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_dated_shift_contact_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_shift")),
    sa.UniqueConstraint("contact_id", "from_at", name=op.f("uq_dated_shift_contact_id_from_at"))
    )
    with op.batch_alter_table("dated_shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dated_shift_to_at"), ["to_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("dated_shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dated_shift_to_at"))

    op.drop_table("dated_shift")
