"""duty turns and handover notes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "5d3e9a7c1b60"
down_revision: str | None = "c0d9b2e86f13"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table("duty_turn",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("officer", sa.String(length=80), nullable=False),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("taken_from", sa.String(length=80), nullable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_turn")),
    sa.UniqueConstraint("number", name=op.f("uq_duty_turn_number"))
    )
    op.create_table("handover_note",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("turn_id", sa.Integer(), nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.String(), nullable=False),
    sa.ForeignKeyConstraint(["turn_id"], ["duty_turn.id"], name=op.f("fk_handover_note_turn_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_note"))
    )
    with op.batch_alter_table("handover_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_note_turn_id"), ["turn_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("handover_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_note_turn_id"))

    op.drop_table("handover_note")
    op.drop_table("duty_turn")
