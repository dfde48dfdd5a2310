"""Does a server answer at all? For `firewatch check`."""

import httpx

from firewatch.errors import Unavailable

TIMEOUT_SECONDS = 10.0


def answers(url: str) -> None:
    """Ask a server for anything. Raises Unavailable when nobody is there; whatever it answers is an answer."""
    try:
        httpx.get(url, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise Unavailable(f"{url} cannot be reached ({type(error).__name__})") from None
