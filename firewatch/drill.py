"""Whether a database is a drill's: one row says so, and what is sent out of it begins with that word.

The mark stands in the database, not in a setting: whoever opens a drill's database knows it for one, by whichever
command he came, and no switch can turn the real one into a drill (docs/adr/0012).
"""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel

from firewatch.db import Database, UtcDateTime

ONLY: Final = 1
LOOKED: Final = "drill"
"""What a session has found, in its `info`."""


class Drill(SQLModel, table=True):
    """The mark. A real database has no row here."""

    __tablename__ = "drill"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(default=ONLY, primary_key=True)
    name: str = Field(max_length=40)
    began_at: datetime = Field(sa_type=UtcDateTime)  # by the machine's clock, whatever the drill's own says


def of(session: Session) -> Drill | None:
    """Return the drill whose database this is; None: it is a real one. A session looks once, however much it sends."""
    if LOOKED not in session.info:
        session.info[LOOKED] = session.get(Drill, ONLY)
    found: Drill | None = session.info[LOOKED]
    return found


def mark_of(db: Database) -> Drill | None:
    """Return the drill whose database this is; None: it is a real one."""
    with db.read() as session:
        return of(session)
