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
# Of all names together: an office behind one address mistypes now and then, a guesser goes on and on.
MAX_ADDRESS_FAILURES: Final = 50
FAILURE_WINDOW: Final = timedelta(minutes=5)
MAX_REMEMBERED: Final = 10_000


@dataclass(frozen=True)
class SignedIn:
    """A person and the session he came with."""

    user: User
    web_session: WebSession


@dataclass
class SignInThrottle:
    """Remembers failed sign-ins: five within five minutes, and that address has to wait with that name.

    Not the name alone: then anybody could lock the duty officer out. An address that fails with many names waits with
    all of them. Kept in memory, for each process its own: a restart forgets it, and people who are signed in notice
    nothing.
    """

    _failures: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    """By user name and address; those of an address, whatever the name, are under the name ""."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def blocked(self, clock: Clock, username: str, address: str) -> bool:
        """Return whether the address has to wait with this name."""
        with self._lock:
            of_both, of_address = self._recent(clock, (username, address)), self._recent(clock, ("", address))
            return len(of_both) >= MAX_FAILURES or len(of_address) >= MAX_ADDRESS_FAILURES

    def failed(self, clock: Clock, username: str, address: str) -> None:
        """Remember a failure. Those longest without another are forgotten when there are thousands."""
        with self._lock:
            for key in {(username, address), ("", address)}:
                recent = self._recent(clock, key)[-MAX_ADDRESS_FAILURES:]
                self._failures.pop(key, None)
                self._failures[key] = [*recent, clock.now()]
            while len(self._failures) > MAX_REMEMBERED:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures of an address with a name; the others it tried stay remembered."""
        with self._lock:
            self._failures.pop((username, address), None)

    def _recent(self, clock: Clock, key: tuple[str, str]) -> list[datetime]:
        since = clock.now() - wall_span(clock, FAILURE_WINDOW)
        return [at for at in self._failures.get(key, []) if at > since]


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
