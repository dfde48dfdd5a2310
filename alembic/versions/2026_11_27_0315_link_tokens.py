"""links that answer a text"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = "c61f5a83d90e"
down_revision: str | None = "9d20b8f3e714"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("link_token", sa.String(length=20), nullable=True))
        batch_op.create_index("ix_message_link_token", ["link_token"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_link_token")
        batch_op.drop_column("link_token")
