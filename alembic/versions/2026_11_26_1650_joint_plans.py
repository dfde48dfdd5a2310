"""joint plans: one problem and solution for several fires, of which each plan is a part"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "7c0e5b9d41fa"
down_revision: str | None = "d4a9e51c2b07"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JOINT = sa.table(
    "joint_plan",
    sa.column("id", sa.Integer()),
    sa.column("solver", sa.String()),
    sa.column("problem", sa.JSON()),
    sa.column("solution", sa.JSON()),
    sa.column("made_at", sa.DateTime(timezone=True)),
)
PLAN = sa.table(
    "plan",
    sa.column("id", sa.Integer()),
    sa.column("joint_plan_id", sa.Integer()),
    sa.column("incident_id", sa.Integer()),
    sa.column("trips", sa.JSON()),
    sa.column("solver", sa.String()),
    sa.column("problem", sa.JSON()),
    sa.column("solution", sa.JSON()),
    sa.column("made_at", sa.DateTime(timezone=True)),
)
FREED = sa.text("SELECT setval(pg_get_serial_sequence('joint_plan', 'id'), (SELECT max(id) FROM joint_plan))")


def upgrade() -> None:
    op.create_table(
        "joint_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("solver", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("solution", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["instead_of_id"], ["joint_plan.id"], name=op.f("fk_joint_plan_instead_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_plan")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joint_plan_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("trips", sa.JSON(), nullable=True))
    bind = op.get_bind()
    # Until now every plan was of one fire: it becomes a joint plan of the same number.
    for number in bind.execute(sa.select(PLAN.c.id)).scalars().all():
        row = bind.execute(sa.select(PLAN).where(PLAN.c.id == number)).one()
        bind.execute(
            sa.insert(JOINT).values(
                id=row.id, solver=row.solver, problem=row.problem, solution=row.solution, made_at=row.made_at
            )
        )
        bind.execute(
            sa.update(PLAN).where(PLAN.c.id == number).values(joint_plan_id=row.id, trips=row.solution["trips"])
        )
    if bind.dialect.name == "postgresql" and bind.execute(sa.select(sa.func.max(JOINT.c.id))).scalar():
        bind.execute(FREED)
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.alter_column("joint_plan_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("trips", existing_type=sa.JSON(), nullable=False)
        batch_op.create_index(batch_op.f("ix_plan_joint_plan_id"), ["joint_plan_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_plan_joint_plan_id"), "joint_plan", ["joint_plan_id"], ["id"])
        batch_op.drop_column("solution")
        batch_op.drop_column("problem")
        batch_op.drop_column("solver")


def downgrade() -> None:
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("solver", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("problem", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("solution", sa.JSON(), nullable=True))
    bind = op.get_bind()
    for number, joint in bind.execute(sa.select(PLAN.c.id, PLAN.c.joint_plan_id)).all():
        row = bind.execute(sa.select(JOINT).where(JOINT.c.id == joint)).one()
        bind.execute(
            sa.update(PLAN)
            .where(PLAN.c.id == number)
            .values(solver=row.solver, problem=row.problem, solution=row.solution)
        )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        for name, kind in (("solver", sa.String(length=40)), ("problem", sa.JSON()), ("solution", sa.JSON())):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.drop_constraint(batch_op.f("fk_plan_joint_plan_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_plan_joint_plan_id"))
        batch_op.drop_column("trips")
        batch_op.drop_column("joint_plan_id")
    op.drop_table("joint_plan")
