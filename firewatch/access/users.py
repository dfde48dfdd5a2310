"""People who sign in."""

import re
from typing import Final

from sqlmodel import Session, col, delete, select

from firewatch.access import passwords
from firewatch.access.models import Role, User, WebSession
from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound

RESERVED: Final = frozenset({"firewatch", "system", "command-line"})
"""Names under which the service puts its own deeds on record: nobody may come by them."""


def add_user(
    session: Session,
    clock: Clock,
    username: str,
    display_name: str,
    password: str,
    role: Role,
    agency_id: str | None = None,
) -> User:
    """Add a person, who acts for an agency or, without one, for the whole alliance.

    Raises BadInput for a bad name or password, Conflict when the user name is taken.
    """
    if not is_username(username):
        raise BadInput(f"username {username!r}: small letters, digits, '.', '_' and '-', at most 40")
    if username in RESERVED:
        raise BadInput(f"username {username!r}: the service itself goes on record under this name")
    if not 1 <= len(display_name.strip()) <= 80:
        raise BadInput("display_name: needs 1 to 80 characters")
    if by_name(session, username) is not None:
        raise Conflict(f"user {username} exists already")
    user = User(
        username=username,
        display_name=display_name.strip(),
        password_hash=passwords.hash_password(password),
        role=role,
        agency_id=agency_id,
        created_at=clock.now(),
    )
    session.add(user)
    session.flush()
    return user


def change_password(session: Session, username: str, password: str) -> User:
    """Give a person another password and end every session of his. Raises NotFound and BadInput."""
    user = _named(session, username)
    user.password_hash = passwords.hash_password(password)
    session.add(user)
    session.exec(delete(WebSession).where(col(WebSession.user_id) == user.id))
    session.flush()
    return user


def change_agency(session: Session, username: str, agency_id: str | None) -> User:
    """Let a person act for another agency, or with None for the whole alliance. Raises NotFound."""
    user = _named(session, username)
    user.agency_id = agency_id
    session.flush()
    return user


def change_language(session: Session, username: str, lang: str) -> User:
    """Keep the language a person reads. Raises NotFound."""
    user = _named(session, username)
    user.lang = lang
    session.flush()
    return user


def is_username(name: str) -> bool:
    """Return whether this could be a user name: small letters, digits, `.`, `_`, `-`, at most 40."""
    return re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,39}", name) is not None


def by_name(session: Session, username: str) -> User | None:
    """Return the person of that user name."""
    return session.exec(select(User).where(User.username == username)).one_or_none()


def _named(session: Session, username: str) -> User:
    user = by_name(session, username)
    if user is None:
        raise NotFound(f"no user {username}")
    return user
