"""resources: the record of work and of changes, versions, who a plan could not count on, and whom people act for"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "b81d3f0a6c52"
down_revision: str | None = "e81b7f60c4d2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = sa.Enum("crew", "vehicle", "depot", name="resourcekind", native_enum=False, length=20)
CHANGES = sa.Enum("added", "changed", "retired", "status", name="changekind", native_enum=False, length=20)
AT_WORK = "status IN ('en_route', 'on_scene', 'released') AND status_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "work_spell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("resource_id", sa.String(length=60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_spell")),
    )
    op.create_index("ix_work_spell_kind_resource_id_began_at", "work_spell", ["kind", "resource_id", "began_at"])
    op.create_table(
        "resource_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("resource_id", sa.String(length=60), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("what", CHANGES, nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_resource_change_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_change")),
    )
    op.create_index(op.f("ix_resource_change_agency_id"), "resource_change", ["agency_id"])
    op.create_index("ix_resource_change_kind_resource_id_at", "resource_change", ["kind", "resource_id", "at"])
    for table in ("crew", "vehicle", "depot"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    for table in ("user_account", "api_token"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("agency_id", sa.String(length=60), nullable=True))
    with op.batch_alter_table("joint_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_out", sa.JSON(), nullable=False, server_default="[]"))
    # Who is at work while the tables change has worked at least since the last step.
    for table in ("crew", "vehicle"):
        op.execute(
            "INSERT INTO work_spell (kind, resource_id, began_at) "
            f"SELECT '{table}', id, status_at FROM {table} WHERE {AT_WORK}"
        )


def downgrade() -> None:
    with op.batch_alter_table("joint_plan", schema=None) as batch_op:
        batch_op.drop_column("kept_out")
    for table in ("api_token", "user_account"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("agency_id")
    for table in ("depot", "vehicle", "crew"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("version")
    op.drop_table("resource_change")
    op.drop_table("work_spell")
