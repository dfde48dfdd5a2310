"""Passwords: Argon2id, as RFC 9106 describes it, with a cost that a small office machine bears.

19 MiB and two passes are OWASP's recommendation for servers that do other work too: about 20 ms here.
"""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from firewatch.errors import BadInput

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 200

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What an unknown user's password is compared with, so that the answer takes as long as for a known one.
_NOBODY: Final = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the hash to keep. Raises BadInput for a password that is too short or absurdly long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"password: needs {MIN_LENGTH} to {MAX_LENGTH} characters")
    return _HASHER.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Return whether the password is the one behind the hash; None (nobody) takes as long and is never right."""
    try:
        _HASHER.verify(stored or _NOBODY, password[: MAX_LENGTH + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def refreshed(stored: str, password: str) -> str | None:
    """Return a new hash of a password just verified when the old one was made with another cost, else None."""
    return _HASHER.hash(password) if _HASHER.check_needs_rehash(stored) else None
