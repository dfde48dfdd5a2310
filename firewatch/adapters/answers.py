"""What every source asked over HTTP has in common: what may pass, how long to wait, what is a document, what is kept.

An HTML page is an outage whatever its status; a document is strict JSON. Keys never reach an error or a record.
"""

import json
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

import httpx

from firewatch.weather.feeds import FeedDown, Payload

SECRETS = frozenset({"apikey", "api_key", "key", "map_key", "token"})
"""Parameters of an address that are never written down."""
LONGEST_READS: Final = 8
"""An answer that comes in crumbs may take as many times as long as the wait for one crumb; then it is none."""

_in_flight: dict[tuple[str, int | None], threading.Lock] = {}
"""By host and port: whatever several feeds want of one host, it is asked one thing at a time."""


class AskAgain(FeedDown):
    """A failure that may pass; after `wait_seconds` if the service said so."""

    def __init__(self, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


def worth_another_try(error: Exception) -> bool | float:
    """Tell the retrying caller whether, and after how many seconds."""
    if not isinstance(error, AskAgain):
        return False
    return True if error.wait_seconds is None else error.wait_seconds


def get(client: httpx.Client, url: str, query: Any, headers: Any = None) -> httpx.Response:  # noqa: ANN401 - httpx's own unions
    """Ask once, when nobody else in the process is asking the same host; return the whole answer.

    Raises AskAgain for what may pass on the way, FeedDown for an answer that cannot be read.
    """
    request = client.build_request("GET", url, params=query, headers=headers)
    try:
        with _in_flight.setdefault((request.url.host, request.url.port), threading.Lock()):
            return _whole(client, request)
    except httpx.TimeoutException:
        raise AskAgain(f"no answer within {client.timeout.read:g} s") from None
    except httpx.TransportError as error:
        raise AskAgain(f"connection failed ({type(error).__name__})") from None
    except httpx.HTTPError as error:
        raise FeedDown(f"no usable answer ({type(error).__name__})") from None


def _whole(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    patience = (client.timeout.read or 0.0) * LONGEST_READS
    until, body = time.monotonic() + patience, bytearray()
    response = client.send(request, stream=True)
    try:
        for piece in response.iter_bytes():
            body += piece
            if time.monotonic() > until:
                raise AskAgain(f"answered in crumbs: not whole after {patience:g} s")
    finally:
        response.close()
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() != "content-encoding"]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def retry_after_seconds(response: httpx.Response) -> float | None:
    """Read Retry-After: seconds, or a date, which is measured against the answer's own Date."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    return seconds_until(response, "Retry-After")


def seconds_until(response: httpx.Response, header: str) -> float | None:
    """Return how long after the answer's own Date the date in a header is; None when either cannot be read."""
    try:
        until = parsedate_to_datetime(response.headers.get(header, ""))
        sent = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError):
        return None


def document(response: httpx.Response) -> Any:  # noqa: ANN401 - a JSON document
    """Return the answer's JSON. Raises FeedDown for a web page, for what is no JSON, and for half of it."""
    if response.content.lstrip()[:1] == b"<":
        raise FeedDown("answered a web page instead of weather")
    try:
        return json.loads(response.content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise FeedDown("answered something that is not JSON, or half of it") from None


def payload(response: httpx.Response) -> Payload:
    """Return an answer as it is kept: its address without keys, its body as it came."""
    address = response.request.url
    for name in SECRETS.intersection(address.params):
        address = address.copy_set_param(name, "***")
    return Payload(str(address), response.status_code, response.headers.get("Content-Type", ""), response.content)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
