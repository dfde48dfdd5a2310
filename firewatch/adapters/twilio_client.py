"""Twilio's official client, as both of our channels over it use it.

The client has no option for another address, logs numbers, and tells only a status from a failure. So it is given
an HTTP client of ours: scheme and host may be replaced, every wait has an end, nothing is tried twice, nothing is
logged. A create carries no idempotency key: whatever is not a clear yes or a clear no is `OutcomeUnknown`.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from firewatch.messaging.channels import ChannelError, NotTaken, OutcomeUnknown
from firewatch.messaging.provider_errors import table
from firewatch.messaging.transitions import FailureKind

KIND_OF_STATUS: Final[Mapping[int, FailureKind]] = {401: FailureKind.OURS, 403: FailureKind.OURS, 404: FailureKind.OURS}
"""For an error whose code `messaging.provider_errors` does not know. Any other 4xx is tried again."""

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
PAGE: Final = 200
"""Rows asked for at once in a list."""
DEEPEST_LOOK: Final = 1000
"""Messages or calls to one number that are read at most: nobody gets as many within the minute that matters."""


class DirectHttp(HttpClient):  # type: ignore[misc]  # twilio ships no types
    """Twilio's port for HTTP, over httpx: another address, waits with an end, no retries, no log lines."""

    def __init__(self, base_url: str | None, timeout_seconds: float) -> None:
        super().__init__(logging.getLogger(__name__), False, timeout_seconds)
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        share = timeout_seconds / 3  # connect and read together stay within the whole
        timeout = httpx.Timeout(connect=share, write=share, read=2 * share, pool=share)
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, once. Raises httpx.HTTPError."""
        del timeout, allow_redirects
        answer = self._client.request(
            method, self._address(uri), params=params or None, data=data, headers=headers, auth=auth
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def _address(self, uri: str) -> str:
        if self._base is None:
            return uri
        asked = urlsplit(uri)
        return urlunsplit((self._base.scheme, self._base.netloc, self._base.path + asked.path, asked.query, ""))


def client(account_sid: str, auth_token: str, http: DirectHttp) -> Any:  # noqa: ANN401 - twilio ships no types
    """Return the vendor's client over a connection of ours."""
    for name in ("httpx", "httpcore"):  # their lines carry the query, which carries the number
        logging.getLogger(name).setLevel(logging.WARNING)
    return Client(account_sid, auth_token, http_client=http)


def is_before(made_at: datetime | None, instant: datetime) -> bool:
    """Return whether a row of a list is older than what is looked for: so are all behind it, the newest come first."""
    return made_at is not None and made_at < instant


@contextmanager
def translated(*, missing_is_ours: bool = True) -> Iterator[None]:
    """Turn whatever a call can raise into ChannelError, without the provider's words: they quote the number."""
    try:
        yield
    except NEVER_SENT as error:
        raise NotTaken(FailureKind.TRANSIENT, None, type(error).__name__, outage=True) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(type(error).__name__) from None
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error.status, error.code, missing_is_ours=missing_is_ours) from None
    except TwilioException as error:  # a page of a list: the answer is all it carries
        answer = next((part for part in error.args if isinstance(part, Response)), None)
        if answer is None:
            raise OutcomeUnknown("unreadable answer") from None
        raise _refusal(answer.status_code, _code_in(answer), missing_is_ours=missing_is_ours) from None
    except (ValueError, LookupError, TypeError, AttributeError):
        # A yes we cannot read, HTML instead of JSON: anything may have happened.
        raise OutcomeUnknown("unreadable answer") from None


def _refusal(status: object, code: object, *, missing_is_ours: bool) -> ChannelError:
    if not isinstance(status, int) or not 400 <= status < 500 or status == httpx.codes.REQUEST_TIMEOUT:
        return OutcomeUnknown(f"HTTP {status}")
    if status == httpx.codes.NOT_FOUND and not missing_is_ours:
        return OutcomeUnknown("the provider does not know the message", outage=False)
    number = code if isinstance(code, int) else status
    kind = table().get(number) or KIND_OF_STATUS.get(status, FailureKind.TRANSIENT)
    return NotTaken(kind, str(number), f"twilio {number}")


def _code_in(answer: Response) -> object:
    try:
        document = json.loads(answer.text)
    except ValueError:
        return None
    return document.get("code") if isinstance(document, dict) else None
