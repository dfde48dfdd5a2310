"""what the provider says of messages of its own accord"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "9d20b8f3e714"
down_revision: str | None = "4c7e19d0b2a5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "message_callback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_callback_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_callback")),
        sa.UniqueConstraint("provider_id", "status", name=op.f("uq_message_callback_provider_id_status")),
    )
    op.create_index(op.f("ix_message_callback_message_id"), "message_callback", ["message_id"])
    op.create_table(
        "callback_refusal",
        sa.Column("hook", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hook", name=op.f("pk_callback_refusal")),
    )


def downgrade() -> None:
    op.drop_table("callback_refusal")
    op.drop_table("message_callback")
