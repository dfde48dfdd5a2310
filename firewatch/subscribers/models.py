"""Who asked for the daily bulletin, of which zones, from which grade on, and whether he has confirmed it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words
from firewatch.messaging.channels import EMAIL, SMS


class Via(StrEnum):
    """The channel by which a subscriber is reached."""

    EMAIL = EMAIL
    SMS = SMS


class SubscriptionState(StrEnum):
    """How a subscription stands."""

    PENDING = "pending"  # asked for: nothing is sent before it is confirmed
    ACTIVE = "active"
    ENDED = "ended"  # its address is erased


class Ending(StrEnum):
    """Why a subscription ended."""

    LEFT = "left"  # the subscriber said so
    REPLACED = "replaced"  # by a newer wish of the same address
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"  # the address does not exist, or stopped us at the provider
    REMOVED = "removed"  # by an officer


PENDING, ACTIVE = text("state = 'pending'"), text("state = 'active'")


class Subscription(SQLModel, table=True):
    """A wish for bulletins. An address has one that is active and one that waits to be confirmed at most."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("uq_subscription_active", "via", "address", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("uq_subscription_pending", "via", "address", unique=True, sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_subscription_state_expires_at", "state", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    via: Via = Field(sa_type=words(Via))
    address: str = Field(max_length=254)  # E.164 or e-mail; erased when it ends
    state: SubscriptionState = Field(default=SubscriptionState.PENDING, sa_type=words(SubscriptionState))
    lang: str = Field(max_length=2)
    zones: list[str] = Field(default_factory=list, sa_type=Json)  # ids; none: all, also those to come
    min_grade: int = 1  # days below it are not sent
    key: str = Field(max_length=60)  # signs its links and codes; erased when it ends
    codes: int = 0  # sent so far: each code is another
    leaving: bool = False  # the last code ends it
    tries: int = 0  # wrong codes since the last was sent
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of the last code, and of a pending one
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: Ending | None = Field(default=None, sa_type=words(Ending))
    ended_by: str = Field(default="", max_length=80)  # the officer who removed it
