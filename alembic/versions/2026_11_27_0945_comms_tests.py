"""tests of the ways to people"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "e2a7c40b95d8"
down_revision: str | None = "5e8b1c7f40d3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OF_A_TEST = "(SELECT id FROM message WHERE subject_kind = 'comms_test')"


def upgrade() -> None:
    op.create_table(
        "comms_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comms_test")),
    )
    op.create_table(
        "comms_test_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["test_id"], ["comms_test.id"], name=op.f("fk_comms_test_person_test_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_comms_test_person_contact_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_comms_test_person_agency_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_comms_test_person_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comms_test_person")),
        sa.UniqueConstraint("test_id", "contact_id", name=op.f("uq_comms_test_person_test_id_contact_id")),
    )
    op.create_index(op.f("ix_comms_test_person_message_id"), "comms_test_person", ["message_id"])


def downgrade() -> None:
    op.drop_table("comms_test_person")
    op.drop_table("comms_test")
    # The code of before cannot read a message of a kind it does not know.
    for table in ("inbound_message", "message_callback"):
        op.execute(f"UPDATE {table} SET message_id = NULL WHERE message_id IN {OF_A_TEST}")
    op.execute("DELETE FROM message WHERE subject_kind = 'comms_test'")
