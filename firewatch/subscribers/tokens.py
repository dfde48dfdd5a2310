"""What a subscription is confirmed and ended by: a signed link and a code of eight digits. Pure.

Nothing of either is kept. Both are made anew from the subscription's own key, which is random and never leaves the
database; what comes back is compared in constant time.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

DIGITS: Final = 8
"""More than the six of a text's own code, so that neither is taken for the other."""
TOKEN: Final = re.compile(r"([1-9]\d{0,9})-([A-Za-z0-9_-]{22})")
BYTES: Final = 16
"""Of a signature: 128 bits."""


def token(number: int, key: str) -> str:
    """Return what stands in the links of a subscription."""
    signature = _signed(key, f"link:{number}")[:BYTES]
    return f"{number}-{urlsafe_b64encode(signature).decode().rstrip('=')}"


def number_in(given: str) -> int | None:
    """Return of which subscription a token says it is; None for what is no token."""
    found = TOKEN.fullmatch(given)
    return int(found[1]) if found else None


def is_token(given: str, number: int, key: str) -> bool:
    """Return whether a token is the one of a subscription."""
    return hmac.compare_digest(given.encode(), token(number, key).encode())


def code(number: int, key: str, sent: int) -> str:
    """Return the n-th code of a subscription."""
    signature = _signed(key, f"code:{number}:{sent}")
    return f"{int.from_bytes(signature[:8]) % 10**DIGITS:0{DIGITS}d}"


def is_code(given: str, number: int, key: str, sent: int) -> bool:
    """Return whether a code is the one that was sent last."""
    return hmac.compare_digest(given.encode(), code(number, key, sent).encode())


def _signed(key: str, what: str) -> bytes:
    return hmac.digest(key.encode(), what.encode(), "sha256")
