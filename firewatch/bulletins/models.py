"""Bulletins, version by version, and the record of every step of each."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from firewatch.bulletins.content import Kind
from firewatch.bulletins.lifecycle import BulletinState
from firewatch.db import Json, UtcDateTime, words

__all__ = ["Bulletin", "BulletinState", "BulletinStep", "Digest", "Kind"]

ISSUED = text("state = 'issued'")
DRAFT = text("state = 'draft'")


class Bulletin(SQLModel, table=True):
    """One version of the bulletin of a day. A day has one that is issued and one draft at most."""

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("on", "revision"),
        Index("uq_bulletin_issued", "on", unique=True, sqlite_where=ISSUED, postgresql_where=ISSUED),
        Index("uq_bulletin_draft", "on", unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT),
    )

    id: int | None = Field(default=None, primary_key=True)
    on: date = Field(index=True)  # local day of issue
    kind: Kind = Field(sa_type=words(Kind))
    state: BulletinState = Field(default=BulletinState.DRAFT, sa_type=words(BulletinState), index=True)
    replaces_id: int | None = Field(default=None, foreign_key="bulletin.id")
    revision: int | None = None  # of its day, from 1; None until it is issued
    number: int | None = None  # of its year; the same for all versions of a day
    running: int | None = None
    content: dict[str, Any] = Field(sa_type=Json)  # bulletins.content.Content
    drafted: dict[str, Any] = Field(sa_type=Json)  # language -> Texts, as the rules wrote them
    texts: dict[str, Any] = Field(sa_type=Json)  # language -> Texts, as people left them
    note: dict[str, str] = Field(default_factory=dict, sa_type=Json)  # why corrected or withdrawn, by language
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)  # what was published; None until issued
    drafted_by: str = Field(max_length=80)
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    edited_by: str | None = Field(default=None, max_length=80)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alarm_at: datetime = Field(sa_type=UtcDateTime)  # by when it is to be signed
    alarmed: bool = False
    checked_name: str = Field(default="", max_length=200)
    signed_by: str | None = Field(default=None, max_length=80)
    signed_name: str | None = Field(default=None, max_length=200)  # the person's name, or the standing rule's
    by_rule: bool = False
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # replaced or dropped
    reason: str = Field(default="", max_length=200)  # of dropping


class BulletinStep(SQLModel, table=True):
    """One thing that happened to a version. Append-only."""

    __tablename__ = "bulletin_step"

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)  # catalogue key: bulletin_step.<kind>
    actor: str = Field(max_length=80)
    name: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=200)


class Digest(SQLModel, table=True):
    """How far subscribers have been told of an issued version; one without a row is still to be told."""

    __tablename__ = "digest"

    bulletin_id: int = Field(foreign_key="bulletin.id", primary_key=True)
    upto: int = 0  # the last subscription that was looked at
    told: int = 0
    spared: int = 0  # below their lowest grade
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
