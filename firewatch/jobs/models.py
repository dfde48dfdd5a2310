"""The record of scheduled work: every run is a row that can happen once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # to be tried again at `retry_at`
    GIVEN_UP = "given_up"


class JobRun(SQLModel, table=True):
    """One run of one job for one moment."""

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "scheduled_for"),
        Index("ix_job_run_state_retry_at", "state", "retry_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(max_length=40)
    scheduled_for: datetime = Field(sa_type=UtcDateTime)
    state: RunState = Field(sa_type=words(RunState))
    attempt: int = 1
    owner: str = Field(max_length=60)
    started_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=500)
    result: dict[str, str] | None = Field(default=None, sa_type=Json)  # catalogue key job_result.<said>, and its places
