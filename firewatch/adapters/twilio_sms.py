"""Text messages through Twilio's official client.

The client has no option for another address, logs numbers, and tells only a status from a failure. So it is given
an HTTP client of ours: scheme and host may be replaced, every wait has an end, nothing is tried twice, nothing is
logged. A create carries no idempotency key: whatever is not a clear yes or a clear no is `OutcomeUnknown`.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from firewatch.messaging.channels import (
    SMS,
    Accepted,
    Capabilities,
    ChannelError,
    NotTaken,
    OutcomeUnknown,
    Outgoing,
    Received,
    Seen,
)
from firewatch.messaging.provider_errors import table
from firewatch.messaging.texts import carries
from firewatch.messaging.transitions import FailureKind

KIND_OF_STATUS: Final[Mapping[int, FailureKind]] = {401: FailureKind.OURS, 403: FailureKind.OURS, 404: FailureKind.OURS}
"""For an error whose code `messaging.provider_errors` does not know. Any other 4xx is tried again."""

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
CODE_MEMORY: Final = timedelta(days=1)
"""How much older than our row a listed message may seem: the provider's clock is not ours."""
PAGE: Final = 200
DAY: Final = timedelta(days=1)
DEEPEST_LOOK: Final = 1000
"""Messages to one number that are read at most: nobody gets as many within the minute that matters."""


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


class TwilioSms:
    """Twilio as a channel. `sender` is an E.164 number or the SID of a messaging service (MG...)."""

    name: str = SMS
    can: Capabilities = Capabilities(two_way=True, links=True, free_text=True)

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str | None,
        timeout_seconds: float,
        callback_url: str | None = None,
    ) -> None:
        """Make ready; no connection is made before the first message. Receipts are wanted at `callback_url`."""
        for name in ("httpx", "httpcore"):  # their lines carry the query, which carries the number
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = DirectHttp(base_url, timeout_seconds)
        self._messages = Client(account_sid, auth_token, http_client=self._http).messages
        self._callback_url = callback_url
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}

    def send(self, message: Outgoing) -> Accepted:
        """Create the message at Twilio. Raises NotTaken or OutcomeUnknown."""
        options: dict[str, object] = dict(self._sender)
        if message.valid_seconds is not None:
            options["validity_period"] = message.valid_seconds
        if self._callback_url is not None:  # signed with the rest of the address: nobody else can name a message
            options["status_callback"] = f"{self._callback_url}?message={message.message_id}"
        with _translated():
            made = self._messages.create(to=message.to, body=message.body, **options)
        if not isinstance(made.sid, str) or not made.sid:
            raise OutcomeUnknown("unreadable answer")
        return Accepted(made.sid, str(made.status or "accepted"))

    def find(self, to: str, code: str, since: datetime) -> Seen | None:
        """Look through the messages to a number, newest first, for the one that ends with the code."""
        with _translated():
            for message in self._messages.stream(to=to, page_size=PAGE, limit=DEEPEST_LOOK):
                created: datetime | None = message.date_created
                too_old = created is not None and created < since - CODE_MEMORY
                if not too_old and carries(message.body or "", code):
                    return _seen(message)
        return None

    def status(self, provider_id: str) -> Seen:
        """Fetch one message. Raises ChannelError."""
        with _translated(missing_is_ours=False):
            return _seen(self._messages(provider_id).fetch())

    def received(self, since: datetime) -> list[Received]:
        """List what came in since an instant; the list itself goes by days."""
        mine = {"to": number} if (number := self._sender.get("from_")) else {}
        found = []
        with _translated():
            for message in self._messages.stream(**mine, date_sent_after=since - DAY, page_size=PAGE):
                came_at: datetime | None = message.date_sent or message.date_created
                if message.direction == "inbound" and came_at is not None and came_at >= since:
                    found.append(Received(str(message.sid), str(message.from_), str(message.body or ""), came_at))
        return found

    def close(self) -> None:
        """Close the connections; the channel is not used again."""
        self._http.close()


def _seen(message: Any) -> Seen:  # noqa: ANN401 - twilio ships no types
    error = None if message.error_code is None else str(message.error_code)
    return Seen(str(message.sid), str(message.status), error)


@contextmanager
def _translated(*, missing_is_ours: bool = True) -> Iterator[None]:
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
