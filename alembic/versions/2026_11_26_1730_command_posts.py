"""command posts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "e81b7f60c4d2"
down_revision: str | None = "b3f1c2a97d60"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POSTS = ("first_attack", "commander_in_chief", "professional")


def upgrade() -> None:
    op.create_table(
        "command_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_to", sa.String(length=40), nullable=True),
        sa.Column("offered_by", sa.String(length=80), nullable=True),
        sa.Column("offer_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_command_post_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command_post")),
        sa.UniqueConstraint("incident_id", "post", name=op.f("uq_command_post_incident_id_post")),
    )
    with op.batch_alter_table("command_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_command_post_offer_ends_at"), ["offer_ends_at"], unique=False)
    # Fires that are known already: as if the posts had been there from the start.
    for post in POSTS:
        op.execute(
            sa.text(
                "INSERT INTO command_post (incident_id, post, holder, since_at) "
                "SELECT id, :post, 'agency:' || organiser_agency_id, opened_at FROM incident"
            ).bindparams(post=post)
        )


def downgrade() -> None:
    with op.batch_alter_table("command_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_command_post_offer_ends_at"))
    op.drop_table("command_post")
