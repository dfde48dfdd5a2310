"""roads: closures and arrivals"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "7c52d0b81e34"
down_revision: str | None = "7c0e5b9d41fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "road_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_closure")),
    )
    with op.batch_alter_table("road_closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_road_closure_opened_at"), ["opened_at"], unique=False)

    op.create_table(
        "road_arrival",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took", sa.Float(), nullable=True),
        sa.Column("off_road", sa.Float(), nullable=False),
        sa.Column("by_class", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["dispatch_order.id"], name=op.f("fk_road_arrival_order_id_dispatch_order")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_road_arrival")),
    )
    with op.batch_alter_table("road_arrival", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_road_arrival_arrived_at"), ["arrived_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("road_arrival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_road_arrival_arrived_at"))

    op.drop_table("road_arrival")
    with op.batch_alter_table("road_closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_road_closure_opened_at"))

    op.drop_table("road_closure")
