"""tables that wait to be taken over"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "7b3e5d91c0f2"
down_revision: str | None = "c61f5a83d90e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "resource_upload",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_upload")),
    )
    op.create_index(op.f("ix_resource_upload_at"), "resource_upload", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_resource_upload_at"), "resource_upload")
    op.drop_table("resource_upload")
