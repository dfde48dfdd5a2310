"""Warnings, version by version, and the record of every step of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words
from firewatch.warnings.lifecycle import WarningState
from firewatch.warnings.signals import Action, Signal, Why

__all__ = ["Action", "Signal", "WarningState", "WarningStep", "Why", "ZoneWarning"]

IN_FORCE = text("state = 'issued'")
WAITING = text("state IN ('draft', 'approved')")


class ZoneWarning(SQLModel, table=True):
    """One version of a warning of one zone; `replaces_id` is the version it changes, None for the first.

    A zone has one version in force and one that waits at most; the database itself refuses a second.
    """

    __tablename__ = "zone_warning"
    __table_args__ = (
        Index("uq_zone_warning_in_force", "zone_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        # Every page and every sweep asks for what is open, or ended today, among years of versions.
        Index("ix_zone_warning_state_ended_at", "state", "ended_at"),
        Index("uq_zone_warning_waiting", "zone_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: int | None = Field(default=None, primary_key=True)
    zone_id: str = Field(max_length=40, index=True)
    version: int = 1
    replaces_id: int | None = Field(default=None, foreign_key="zone_warning.id")
    action: Action = Field(sa_type=words(Action))
    signal: Signal | None = Field(default=None, sa_type=words(Signal))  # None where the warning is lifted
    was: Signal | None = Field(default=None, sa_type=words(Signal))  # in force when it was drafted
    scheme: str = Field(max_length=20)
    grade: int  # today's by that scheme when it was drafted; 0 is "no data"
    why: Why = Field(sa_type=words(Why))
    no_data: bool = False  # today had no grade when it was drafted
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)  # on, grade, flags, provisional, ahead
    remark: str = Field(default="", max_length=200)
    state: WarningState = Field(default=WarningState.DRAFT, sa_type=words(WarningState))
    drafted_by: str = Field(max_length=80)
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    alarm_at: datetime = Field(sa_type=UtcDateTime)  # by when it is to be released
    alarmed: bool = False
    approved_by: str | None = Field(default=None, max_length=80)
    approved_name: str | None = Field(default=None, max_length=200)  # the person's name, or the standing rule's
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    by_rule: bool = False  # approved by the standing rule
    signatures: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)  # zh, en; frozen at its issue
    valid_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    since_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # since when this colour is in force
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, max_length=200)  # of a rejection, a withdrawal or a lifting by hand


class WarningStep(SQLModel, table=True):
    """One thing that happened to a version. Append-only."""

    __tablename__ = "warning_step"

    id: int | None = Field(default=None, primary_key=True)
    warning_id: int = Field(foreign_key="zone_warning.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)  # catalogue key: warning.step.<kind>
    actor: str = Field(max_length=80)
    name: str = Field(default="", max_length=200)  # of a named approver, as it was then
    old: WarningState | None = Field(default=None, sa_type=words(WarningState))
    new: WarningState | None = Field(default=None, sa_type=words(WarningState))
    note: str = Field(default="", max_length=200)
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
