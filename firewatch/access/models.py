"""Who may come in: people with a password and a session, programs with a token."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from firewatch.db import UtcDateTime, words


class Role(StrEnum):
    """What a signed-in person may do."""

    DUTY_OFFICER = "duty_officer"
    VIEWER = "viewer"
    STATION = "station"  # of a token only: it sends weather of one station, and nothing else is open to it


class User(SQLModel, table=True):
    """A person with a password."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=40, unique=True)
    display_name: str = Field(max_length=80)
    password_hash: str = Field(max_length=200)
    role: Role = Field(sa_type=words(Role))
    lang: str | None = Field(default=None, max_length=2)
    agency_id: str | None = Field(default=None, max_length=60)  # for which he acts; None: for the whole alliance
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class WebSession(SQLModel, table=True):
    """A sign-in. Only the digest of the cookie is kept; signing out deletes the row."""

    __tablename__ = "web_session"

    digest: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    csrf_token: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ApiToken(SQLModel, table=True):
    """A program's way in. Only the digest is kept: the token itself is shown once."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    digest: str = Field(max_length=64, unique=True)
    role: Role = Field(sa_type=words(Role))
    station: str | None = Field(default=None, max_length=60)  # of a station's token: the one it sends for
    agency_id: str | None = Field(default=None, max_length=60)  # for which it acts; None: for the whole alliance
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
