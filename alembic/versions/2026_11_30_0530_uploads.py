"""uploads"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "d4f1a7c3926e"
down_revision: str | None = "5d3e9a7c1b60"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEPT = 'id, at, "by", name, agency_id, data, done_at, changes'


def upgrade() -> None:
    op.create_table("upload",
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", sa.String(length=80), nullable=False),
    sa.Column("subject", sa.Enum("resources", "roster", name="subject", native_enum=False, length=20), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("agency_id", sa.String(length=40), nullable=True),
    sa.Column("first_on", sa.Date(), nullable=True),
    sa.Column("last_on", sa.Date(), nullable=True),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("changes", sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_upload"))
    )
    op.create_index(op.f("ix_upload_at"), "upload", ["at"])
    op.execute(f"INSERT INTO upload ({KEPT}, subject) SELECT {KEPT}, 'resources' FROM resource_upload")
    op.drop_index(op.f("ix_resource_upload_at"), "resource_upload")
    op.drop_table("resource_upload")


def downgrade() -> None:
    op.create_table("resource_upload",
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", sa.String(length=80), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("agency_id", sa.String(length=40), nullable=True),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("changes", sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_upload"))
    )
    op.create_index(op.f("ix_resource_upload_at"), "resource_upload", ["at"])
    op.execute(f"INSERT INTO resource_upload ({KEPT}) SELECT {KEPT} FROM upload WHERE subject = 'resources'")
    op.drop_index(op.f("ix_upload_at"), "upload")
    op.drop_table("upload")
