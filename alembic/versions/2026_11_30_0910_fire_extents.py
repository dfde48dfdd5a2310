"""how large fires are"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "b81f5c2e6d04"
down_revision: str | None = "a7c41d90e5b2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

METHODS = ("eye", "walked", "drone", "satellite", "survey", "other")


def upgrade() -> None:
    op.create_table(
        "fire_extent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("burnt_forest_ha", sa.Float(), nullable=True),
        sa.Column("burnt_grassland_ha", sa.Float(), nullable=True),
        sa.Column("damaged_forest_ha", sa.Float(), nullable=True),
        sa.Column("damaged_grassland_ha", sa.Float(), nullable=True),
        sa.Column("deaths", sa.Integer(), nullable=True),
        sa.Column("serious_injuries", sa.Integer(), nullable=True),
        sa.Column("method", sa.Enum(*METHODS, name="method", native_enum=False, length=20), nullable=False),
        sa.Column("estimated_by", sa.String(length=80), nullable=False),
        sa.Column("estimated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_fire_extent_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fire_extent")),
    )
    op.create_index(op.f("ix_fire_extent_incident_id"), "fire_extent", ["incident_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_fire_extent_incident_id"), "fire_extent")
    op.drop_table("fire_extent")
