"""One history for SQLite and PostgreSQL; run by `firewatch db upgrade`, never by hand."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Connection, text
from sqlmodel.sql.sqltypes import AutoString

from firewatch.db import Database, Json, UtcDateTime
from firewatch.registry import metadata


def _plain(kind: str, item: object, _autogen: object) -> str | Literal[False]:
    """Write column types as SQLAlchemy's own, so that an old migration never depends on today's code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Json):
        return "sa.JSON()"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, AutoString):
        length = getattr(item, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


database: Database = context.config.attributes["database"]
with database.engine.connect() as started:
    if database.is_sqlite:
        # A batch migration rebuilds tables: references may dangle for a moment. Only works outside a transaction.
        started.rollback()
        started.connection.execute("PRAGMA foreign_keys=OFF")
    _migrate(started)
    if database.is_sqlite:
        started.rollback()
        started.connection.execute("PRAGMA foreign_keys=ON")
        started.execute(text("SELECT 1"))
