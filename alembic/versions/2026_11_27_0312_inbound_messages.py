"""texts that come in, and who has stopped ours"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "4c7e19d0b2a5"
down_revision: str | None = "d90b62c8e7a4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TAKEN = ("answer", "late", "no_reason", "foreign", "which", "stop", "start", "unclear", "stranger", "failed")
ANSWERS = ("received", "coming", "declined", "on_scene", "released")


def upgrade() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(length=60), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_for", sa.Enum(*TAKEN, name="taken", native_enum=False, length=20), nullable=False),
        sa.Column("answer", sa.Enum(*ANSWERS, name="answer", native_enum=False, length=20), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_inbound_message_contact_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_inbound_message_message_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_inbound_message_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_inbound_message_provider_id")),
    )
    op.create_index(op.f("ix_inbound_message_received_at"), "inbound_message", ["received_at"])
    op.create_index(op.f("ix_inbound_message_incident_id"), "inbound_message", ["incident_id"])
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stopped_phone", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("stopped_phone")
    op.drop_table("inbound_message")
