"""Who is on duty at the console, turn by turn, and the notes that go with the handover."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import UtcDateTime


class DutyTurn(SQLModel, table=True):
    """One officer's turn on duty. Append-only: a turn ends when the next one begins, so one is always the last."""

    __tablename__ = "duty_turn"
    __table_args__ = (UniqueConstraint("number"),)

    id: int | None = Field(default=None, primary_key=True)
    number: int  # 1, 2, 3 ... without a gap: two cannot both follow the same
    officer: str = Field(max_length=80)  # user name
    taken_at: datetime = Field(sa_type=UtcDateTime)
    taken_from: str | None = Field(default=None, max_length=80)  # who had it before; None: nobody


class HandoverNote(SQLModel, table=True):
    """What the officer of a turn writes for the one who comes. Append-only: the newest of a turn counts.

    It can be written while the turn lasts, so what its successor read is what stands here.
    """

    __tablename__ = "handover_note"

    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(foreign_key="duty_turn.id", index=True)
    written_at: datetime = Field(sa_type=UtcDateTime)
    text: str
