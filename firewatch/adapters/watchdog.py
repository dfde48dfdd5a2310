"""The watchdog outside: an address that hears from us while all is well, and calls somebody when it no longer does."""

from typing import Final

import httpx

from firewatch.errors import Unavailable

TIMEOUT_SECONDS: Final = 10.0


class Watchdog:
    """Tells an address that we are well: any monitor that expects a GET now and then will do."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Make ready; whoever knows the address can speak for us, so it is written down nowhere."""
        self._url = url
        self._timeout_seconds = timeout_seconds

    def __call__(self) -> None:
        """Ask the address once. Raises Unavailable when it does not answer well."""
        try:
            answer = httpx.get(self._url, timeout=self._timeout_seconds, follow_redirects=False)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from None
        if not answer.is_success:
            raise Unavailable(f"HTTP {answer.status_code}")
