"""Sign-in sessions: a random cookie at the reader's, its digest here, and a brake on guessing.

A session lasts twelve hours of the wall, a shift, however fast the service's own clock runs.
"""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

from sqlmodel import Session, col, delete, select

from firewatch.access import passwords
from firewatch.access.models import User, WebSession
from firewatch.access.tokens import digest
from firewatch.access.users import by_name, is_username
from firewatch.clock import Clock
from firewatch.errors import Unauthenticated

LIFETIME: Final = timedelta(hours=12)
MAX_FAILURES: Final = 5
FAILURE_WINDOW: Final = timedelta(minutes=5)
MAX_NAMES: Final = 10_000


@dataclass(frozen=True)
class SignedIn:
    """A person and the session he came with."""

    user: User
    web_session: WebSession


@dataclass
class SignInThrottle:
    """Remembers failed sign-ins by user name: after five within five minutes the name has to wait.

    Kept in memory, for each process its own: a restart forgets it, and people who are signed in notice nothing.
    """

    _failures: dict[str, list[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def blocked(self, clock: Clock, username: str) -> bool:
        """Return whether the name has to wait."""
        with self._lock:
            return len(self._recent(clock, username)) >= MAX_FAILURES

    def failed(self, clock: Clock, username: str) -> None:
        """Remember a failure. The oldest names are forgotten when somebody tries thousands."""
        with self._lock:
            self._failures[username] = [*self._recent(clock, username)[-MAX_FAILURES:], clock.now()]
            if len(self._failures) > MAX_NAMES:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, username: str) -> None:
        """Forget the failures of a name."""
        with self._lock:
            self._failures.pop(username, None)

    def _recent(self, clock: Clock, username: str) -> list[datetime]:
        since = clock.now() - wall_span(clock, FAILURE_WINDOW)
        return [at for at in self._failures.get(username, []) if at > since]


def wall_span(clock: Clock, span: timedelta) -> timedelta:
    """Return how far the clock gets while `span` passes on the wall; on a standing clock, the span itself."""
    real_seconds = clock.real_seconds(span)
    return span * (span.total_seconds() / real_seconds) if real_seconds else span


def authenticate(session: Session, username: str, password: str) -> User:
    """Return the person whose name and password these are; only reads, so that guessing never holds the write lock.

    Raises Unauthenticated without telling whether it was the name or the password that was wrong.
    """
    user = by_name(session, username) if is_username(username) else None
    right = passwords.verify(user.password_hash if user else None, password)
    if user is None or not right or not user.active:
        raise Unauthenticated("user name or password is wrong")
    return user


def open_session(session: Session, clock: Clock, user: User, password: str) -> tuple[WebSession, str]:
    """Begin the session of a person just authenticated; return it with the cookie's secret. Ended ones are cleared."""
    now = clock.now()
    session.exec(delete(WebSession).where(col(WebSession.expires_at) <= now))
    fresh = passwords.refreshed(user.password_hash, password)
    if fresh is not None:
        session.merge(user).password_hash = fresh
    cookie = secrets.token_urlsafe(32)
    web_session = WebSession(
        digest=digest(cookie),
        user_id=cast("int", user.id),  # it was read from the database
        csrf_token=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + wall_span(clock, LIFETIME),
    )
    session.add(web_session)
    session.flush()
    return web_session, cookie


def check(session: Session, clock: Clock, cookie: str) -> SignedIn | None:
    """Return who stands behind a cookie; None when the session has ended or the person may no longer come in."""
    row = session.exec(
        select(User, WebSession)
        .where(col(User.id) == col(WebSession.user_id))
        .where(WebSession.digest == digest(cookie), col(User.active), WebSession.expires_at > clock.now())
    ).one_or_none()
    return SignedIn(row[0], row[1]) if row else None


def sign_out(session: Session, cookie: str) -> None:
    """End a session."""
    session.exec(delete(WebSession).where(col(WebSession.digest) == digest(cookie)))
    session.flush()
