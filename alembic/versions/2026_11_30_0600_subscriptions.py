"""subscriptions to bulletins"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "d3a86f1e0b72"
down_revision: str | None = "d4f1a7c3926e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

VIA = ("email", "sms")
STATES = ("pending", "active", "ended")
ENDINGS = ("left", "replaced", "unconfirmed", "refused", "removed")
TO_SUBSCRIBERS = "(SELECT id FROM message WHERE subscription_id IS NOT NULL)"


def upgrade() -> None:
    active, pending = sa.text("state = 'active'"), sa.text("state = 'pending'")
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("via", sa.Enum(*VIA, name="via", native_enum=False, length=20), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="subscriptionstate", native_enum=False, length=20), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("min_grade", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Enum(*ENDINGS, name="ending", native_enum=False, length=20), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    for name, where in (("uq_subscription_active", active), ("uq_subscription_pending", pending)):
        op.create_index(
            name, "subscription", ["via", "address"], unique=True, sqlite_where=where, postgresql_where=where
        )
    op.create_index("ix_subscription_state_expires_at", "subscription", ["state", "expires_at"])
    op.create_table(
        "digest",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("spared", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_digest_bulletin_id")),
        sa.PrimaryKeyConstraint("bulletin_id", name=op.f("pk_digest")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subscription_id", sa.Integer(), nullable=True))
        batch_op.alter_column("contact_id", existing_type=sa.String(), nullable=True)
        batch_op.alter_column("agency_id", existing_type=sa.String(), nullable=True)
        batch_op.alter_column("to", existing_type=sa.String(length=20), type_=sa.String(length=254))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_subscription_id"), "subscription", ["subscription_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_subject_kind_subject_id_revision_subscription_id_channel_step"),
            ["subject_kind", "subject_id", "revision", "subscription_id", "channel", "step"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_message_one_reader"), "(contact_id IS NULL) <> (subscription_id IS NULL)"
        )
        batch_op.create_index(batch_op.f("ix_message_subscription_id"), ["subscription_id"], unique=False)
    paced = sa.text("subscription_id IS NOT NULL")
    op.create_index(
        "ix_message_paced", "message", ["channel", "handed_over_at"], sqlite_where=paced, postgresql_where=paced
    )


def downgrade() -> None:
    op.drop_table("digest")
    # The code of before knows of nobody but the alliance's own people.
    for table in ("inbound_message", "message_callback"):
        op.execute(f"UPDATE {table} SET message_id = NULL WHERE message_id IN {TO_SUBSCRIBERS}")
    op.execute("DELETE FROM message WHERE subscription_id IS NOT NULL")
    op.drop_index("ix_message_paced", "message")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subscription_id"))
        batch_op.drop_constraint(batch_op.f("ck_message_one_reader"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("uq_message_subject_kind_subject_id_revision_subscription_id_channel_step"), type_="unique"
        )
        batch_op.drop_constraint(batch_op.f("fk_message_subscription_id"), type_="foreignkey")
        batch_op.alter_column("to", existing_type=sa.String(length=254), type_=sa.String(length=20))
        batch_op.alter_column("agency_id", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("contact_id", existing_type=sa.String(), nullable=False)
        batch_op.drop_column("subscription_id")
    op.drop_table("subscription")
