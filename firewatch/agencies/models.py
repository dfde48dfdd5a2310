"""Agencies of the alliance, the people who answer for them, and when each of those is on duty."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    PREFECTURE = "prefecture"
    COUNTY = "county"
    RESERVE = "reserve"


class ContactRole(StrEnum):
    """For what a person is called."""

    LIAISON = "liaison"  # 联络员
    DEPUTY = "deputy"  # the liaison's deputy
    HEAD = "head"  # the agency's head: the last step of an escalation


class Agency(SQLModel, table=True):
    """A member of the alliance. The rulebook owns it: rows are brought up to date at each start."""

    __tablename__ = "agency"

    id: str = Field(primary_key=True, max_length=40)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    kind: AgencyKind = Field(sa_type=words(AgencyKind))
    lat: float
    lon: float
    active: bool = True


class Contact(SQLModel, table=True):
    """A person who answers for an agency. The phone number is E.164 and never leaves unmasked."""

    __tablename__ = "contact"

    id: str = Field(primary_key=True, max_length=60)
    agency_id: str = Field(foreign_key="agency.id", index=True)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    role: ContactRole = Field(sa_type=words(ContactRole))
    phone: str = Field(max_length=20)
    lang: str = Field(default="zh", max_length=2)
    active: bool = True
    stopped_phone: str | None = Field(default=None, max_length=20)  # the number that asked for no more texts
    drills: bool = False  # has agreed to get the texts and calls of drills

    @property
    def reachable(self) -> bool:
        """Whether texts may be sent to the number; another number is another consent."""
        return self.stopped_phone != self.phone


class DutyShift(SQLModel, table=True):
    """A weekly shift, in the alliance's local time; one that ends before it starts runs past midnight.

    These are the standing hours, which hold wherever an agency's roster has no dated shift.
    """

    __tablename__ = "duty_shift"

    id: int | None = Field(default=None, primary_key=True)
    contact_id: str = Field(foreign_key="contact.id", index=True)
    weekdays: str = Field(max_length=7)  # of the start: 1 Monday ... 7 Sunday, for example "12345"
    from_minute: int  # since local midnight
    to_minute: int


class DatedShift(SQLModel, table=True):
    """A shift of the duty roster: one person, from an instant until before another. His role says what he is there for.

    Whose it is follows from the person. While an agency has any, they decide who is on duty there (`duty.on_duty`).
    """

    __tablename__ = "dated_shift"
    __table_args__ = (UniqueConstraint("contact_id", "from_at"),)

    id: int | None = Field(default=None, primary_key=True)
    contact_id: str = Field(foreign_key="contact.id")
    from_at: datetime = Field(sa_type=UtcDateTime)
    to_at: datetime = Field(sa_type=UtcDateTime, index=True)


class RosterDeed(StrEnum):
    """What was done to an agency's duty roster."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    COPIED = "copied"  # from the week before
    IMPORTED = "imported"  # from a file
    UNDONE = "undone"


class RosterChange(SQLModel, table=True):
    """One change of an agency's duty roster; append-only: the shifts it took away and those it put there."""

    __tablename__ = "roster_change"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    agency_id: str = Field(foreign_key="agency.id", index=True)
    what: RosterDeed = Field(sa_type=words(RosterDeed))
    removed: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    added: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
