"""A test of the ways to people: one run, and one row for each person it asks."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import UtcDateTime


class CommsTest(SQLModel, table=True):
    """One run of the test: who began it, until when answers are waited for, when it was summed up."""

    __tablename__ = "comms_test"

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    started_by: str = Field(max_length=80)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CommsTestPerson(SQLModel, table=True):
    """A person the test asks. Without a message: who has stopped our texts is sent none, and counts as silent."""

    __tablename__ = "comms_test_person"
    __table_args__ = (UniqueConstraint("test_id", "contact_id"),)

    id: int | None = Field(default=None, primary_key=True)
    test_id: int = Field(foreign_key="comms_test.id")
    contact_id: str = Field(foreign_key="contact.id")
    agency_id: str = Field(foreign_key="agency.id")
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
