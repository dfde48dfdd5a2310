"""Files that people send in."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from firewatch.db import UtcDateTime, words


class Subject(StrEnum):
    """What a file is about."""

    RESOURCES = "resources"
    ROSTER = "roster"


class Upload(SQLModel, table=True):
    """A file that somebody sent in: it waits until he has looked at what it would change, and a day at most."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True, max_length=40)  # a secret of his page
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    by: str = Field(max_length=80)
    subject: Subject = Field(sa_type=words(Subject))
    name: str = Field(max_length=200)
    agency_id: str | None = Field(default=None, max_length=40)  # of which it tells all; None: of the whole alliance
    first_on: date | None = None  # of a roster: the days it tells of; None: those in the file
    last_on: date | None = None
    data: bytes = Field(sa_type=LargeBinary)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changes: int | None = None  # that were made
