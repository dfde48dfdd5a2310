"""Bearer tokens of programs. Only the SHA-256 digest is kept: a token of 32 random bytes needs no slow hash."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlmodel import Session, select

from firewatch.access.models import ApiToken, Role
from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound

MIN_LENGTH: Final = 20
MAX_NAME: Final = 60
# The last use is written down no oftener than this: reading must not become writing.
USE_NOTED_EVERY: Final = timedelta(minutes=1)


def digest(secret: str) -> str:
    """Return the form in which a token or a cookie is kept."""
    return sha256(secret.encode()).hexdigest()


def create(
    session: Session,
    clock: Clock,
    name: str,
    role: Role,
    station: str | None = None,
    agency_id: str | None = None,
) -> tuple[ApiToken, str]:
    """Make a token; the secret is returned here and never again. `station`: the one a station's token sends for.

    `agency_id`: for whom it acts; without one for the whole alliance. Raises BadInput for a name that does not fit the
    record or a role that does not fit the station, and Conflict while another token of that name is good: the record
    could not tell the two programs apart.
    """
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise BadInput(f"name: needs 1 to {MAX_NAME} characters")
    if (role is Role.STATION) != (station is not None):
        raise BadInput("station: a token of the role station names its station, and no other token names one")
    same = select(ApiToken).where(ApiToken.name == name)
    if any(token.revoked_at is None or token.revoked_at > clock.now() for token in session.exec(same)):
        raise Conflict(f"there is a token {name} already: take another name")
    secret = secrets.token_urlsafe(32)
    token = _keep(session, clock, name, role, secret, station)
    token.agency_id = agency_id
    session.flush()
    return token, secret


def ensure_bootstrap(session: Session, clock: Clock, secret: str) -> ApiToken:
    """Return the token made from the start-up setting; it is written once, and one that was revoked stays so."""
    if len(secret) < MIN_LENGTH:
        raise BadInput(f"bootstrap token: needs at least {MIN_LENGTH} characters")
    known = _by_digest(session, secret)
    return known or _keep(session, clock, "bootstrap", Role.DUTY_OFFICER, secret)


def check(session: Session, clock: Clock, bearer: str) -> ApiToken | None:
    """Return the valid token behind a secret, or None; writes nothing."""
    token = _by_digest(session, bearer)
    if token is None or (token.revoked_at is not None and token.revoked_at <= clock.now()):
        return None
    return token


def revoke(session: Session, clock: Clock, name: str) -> None:
    """Let a token open nothing from now on. Raises NotFound when no token of that name is good."""
    named = session.exec(select(ApiToken).where(ApiToken.name == name))
    good = [token for token in named if token.revoked_at is None or token.revoked_at > clock.now()]
    if not good:
        raise NotFound(f"there is no good token {name}")
    for token in good:
        token.revoked_at = clock.now()
    session.flush()


def use_is_due(clock: Clock, token: ApiToken) -> bool:
    """Return whether the use of a token ought to be noted."""
    return token.last_used_at is None or clock.now() - token.last_used_at >= USE_NOTED_EVERY


def note_use(session: Session, clock: Clock, token_id: int) -> None:
    """Write down that a token was used."""
    token = session.get(ApiToken, token_id)
    if token is not None:
        token.last_used_at = clock.now()
        session.add(token)
        session.flush()


def _by_digest(session: Session, secret: str) -> ApiToken | None:
    return session.exec(select(ApiToken).where(ApiToken.digest == digest(secret))).one_or_none()


def _keep(session: Session, clock: Clock, name: str, role: Role, secret: str, station: str | None = None) -> ApiToken:
    token = ApiToken(name=name, digest=digest(secret), role=role, station=station, created_at=clock.now())
    session.add(token)
    session.flush()
    return token
