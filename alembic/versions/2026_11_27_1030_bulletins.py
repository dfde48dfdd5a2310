"""bulletins"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "a5fe835788d8"
down_revision: str | None = "a5d08e61c37b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("issue", "correction", "withdrawal")
STATES = ("draft", "issued", "replaced", "dropped")


def upgrade() -> None:
    op.create_table("bulletin",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("on", sa.Date(), nullable=False),
    sa.Column("kind", sa.Enum(*KINDS, name="kind", native_enum=False, length=20), nullable=False),
    sa.Column("state", sa.Enum(*STATES, name="bulletinstate", native_enum=False, length=20), nullable=False),
    sa.Column("replaces_id", sa.Integer(), nullable=True),
    sa.Column("revision", sa.Integer(), nullable=True),
    sa.Column("number", sa.Integer(), nullable=True),
    sa.Column("running", sa.Integer(), nullable=True),
    sa.Column("content", sa.JSON(), nullable=False),
    sa.Column("drafted", sa.JSON(), nullable=False),
    sa.Column("texts", sa.JSON(), nullable=False),
    sa.Column("note", sa.JSON(), nullable=False),
    sa.Column("document", sa.JSON(), nullable=True),
    sa.Column("drafted_by", sa.String(length=80), nullable=False),
    sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("edited_by", sa.String(length=80), nullable=True),
    sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("alarmed", sa.Boolean(), nullable=False),
    sa.Column("checked_name", sa.String(length=200), nullable=False),
    sa.Column("signed_by", sa.String(length=80), nullable=True),
    sa.Column("signed_name", sa.String(length=200), nullable=True),
    sa.Column("by_rule", sa.Boolean(), nullable=False),
    sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("reason", sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(["replaces_id"], ["bulletin.id"], name=op.f("fk_bulletin_replaces_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
    sa.UniqueConstraint("on", "revision", name=op.f("uq_bulletin_on_revision"))
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_on"), ["on"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulletin_state"), ["state"], unique=False)
        batch_op.create_index("uq_bulletin_draft", ["on"], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.create_index("uq_bulletin_issued", ["on"], unique=True, sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))

    op.create_table("bulletin_step",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("bulletin_id", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("kind", sa.String(length=40), nullable=False),
    sa.Column("actor", sa.String(length=80), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("note", sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_step_bulletin_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_step"))
    )
    with op.batch_alter_table("bulletin_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_step_bulletin_id"), ["bulletin_id"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("bulletin_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulletin_step_bulletin_id"))

    op.drop_table("bulletin_step")
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_index("uq_bulletin_issued", sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))
        batch_op.drop_index("uq_bulletin_draft", sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.drop_index(batch_op.f("ix_bulletin_state"))
        batch_op.drop_index(batch_op.f("ix_bulletin_on"))

    op.drop_table("bulletin")
