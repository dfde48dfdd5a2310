"""A Twilio of our own: a real HTTP server with a memory, a temper that can be set, and a record of what it took.

A message is recorded at one instant and is in the list from that instant on, whatever becomes of the answer: a
client that was killed, cut off or told 500 has sent it all the same. One seed makes delays and random faults the
same again, as far as threads allow.
"""

import base64
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fake_exchange import Exchange

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-made-up-token"
SENDER = "+15005550006"  # Twilio's own magic number: nobody's phone


class Fault(StrEnum):
    """What can go wrong with a create."""

    DROP_BEFORE = "drop_before"  # the connection is cut and nothing was taken
    DROP_AFTER = "drop_after"  # it was taken and the connection is cut
    ERROR_500 = "error_500"  # nothing was taken, HTML instead of JSON
    ERROR_500_AFTER = "error_500_after"  # it was taken, and yet
    BUSY = "busy"  # 429
    UNAUTHORISED = "unauthorised"  # 401, code 20003
    HANG = "hang"  # no answer until the server stops; nothing was taken
    HANG_AFTER = "hang_after"  # the same, but it was taken
    GARBLED = "garbled"  # 201 with something that is not JSON; it was taken


TAKEN = frozenset({Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.HANG_AFTER, Fault.GARBLED})


@dataclass
class Taken:
    """A message that was taken. `at` is monotonic seconds; its status moves on with time."""

    sid: str
    to: str
    body: str
    fields: Mapping[str, str]
    at: float
    created_at: datetime

    @property
    def code(self) -> str:
        """The six digits at its end."""
        found = re.search(r"(\d{6})\D*$", self.body)
        return found[1] if found else ""


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    target: str
    body: bytes


@dataclass
class Came:
    """A text that somebody has sent to the number."""

    sid: str
    sender: str
    body: str
    at: datetime
    direction: str = "inbound"
    to: str = SENDER
    """The number of the account that it was sent to."""


@dataclass
class FakeTwilio:
    """Use it as a context manager; `url` is its address. Every attribute may be changed while it runs."""

    seed: int = 0
    delay: tuple[float, float] = (0.0, 0.0)
    """Least and most seconds a create takes; the message is taken somewhere within them."""
    faults: Mapping[Fault, float] = field(default_factory=dict)
    """Fault -> its probability at each create."""
    always: Fault | None = None
    """A fault at every create, over `faults`."""
    hanging: set[str] = field(default_factory=set)
    """Numbers for which a create gets no answer, and is not taken."""
    down: bool = False
    """500 for everything, the list too."""
    list_lag_seconds: float = 0.0
    """How long a message that was taken is missing in the list."""
    refused: dict[str, int] = field(default_factory=dict)
    """Number -> the Twilio error code with which a create to it is refused (HTTP 400)."""
    failing: dict[str, int] = field(default_factory=dict)
    """Number -> the error code with which a message to it ends as undelivered."""
    progress_seconds: float = 0.05
    """Between queued, sent and delivered."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """The clock that stamps messages."""

    inbox: list[Came] = field(default_factory=list)
    """What people have sent to its number."""
    accepted: list[Taken] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    """Every request, whatever became of it."""
    calls: Counter[str] = field(default_factory=Counter)
    """How many creates, lists and fetches came in, whatever became of them."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - delays, not secrets
        self._lock = threading.Lock()
        self.exchange = Exchange(ACCOUNT, self.now)
        self.stopping = threading.Event()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def counts(self) -> Counter[tuple[str, str]]:
        """How often each (number, code) was taken: 1 each when none is lost and none is doubled."""
        with self._lock:
            return Counter((taken.to, taken.code) for taken in self.accepted)

    def settings(self) -> dict[str, str]:
        """The environment that makes a service of ours use it."""
        return {
            "FIREWATCH_SMS_CHANNEL": "twilio",
            "FIREWATCH_TWILIO_ACCOUNT_SID": ACCOUNT,
            "FIREWATCH_TWILIO_AUTH_TOKEN": TOKEN,
            "FIREWATCH_TWILIO_FROM": SENDER,
            "FIREWATCH_TWILIO_BASE_URL": self.url,
        }

    def count_call(self, name: str) -> None:
        with self._lock:
            self.calls[name] += 1

    def draw(self) -> tuple[Fault | None, float, float]:
        """The fault of this create, if any, and the seconds before and after the message is taken."""
        with self._lock:
            whole = self._random.uniform(*self.delay)
            before = whole * self._random.random()
            chance, fault = self._random.random(), None
            for candidate, share in self.faults.items():
                if chance < share:
                    fault = candidate
                    break
                chance -= share
        return self.always or fault, before, whole - before

    def take(self, fields: Mapping[str, str]) -> Taken:
        with self._lock:
            sid = f"SM{len(self.accepted) + 1:032x}"
            taken = Taken(sid, fields["To"], fields["Body"], dict(fields), time.monotonic(), self.now())
            self.accepted.append(taken)
            return taken

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def listed(self, to: str | None) -> list[Taken]:
        """What the list shows, newest first."""
        newest = time.monotonic() - self.list_lag_seconds
        with self._lock:
            return [t for t in reversed(self.accepted) if t.at <= newest and to in {None, t.to}]

    def one(self, sid: str) -> Taken | None:
        with self._lock:
            return next((taken for taken in self.accepted if taken.sid == sid), None)

    def document(self, taken: Taken) -> dict[str, object]:
        """A message as Twilio's interface shows it."""
        step = int((time.monotonic() - taken.at) / self.progress_seconds) if self.progress_seconds else 2
        error = self.failing.get(taken.to)
        status = "queued" if step < 1 else "sent" if step < 2 else "delivered" if error is None else "undelivered"
        return {
            "sid": taken.sid,
            "account_sid": ACCOUNT,
            "to": taken.to,
            "from": taken.fields.get("From"),
            "messaging_service_sid": taken.fields.get("MessagingServiceSid"),
            "body": taken.body,
            "status": status,
            "direction": "outbound-api",
            "num_segments": "1",
            "error_code": error if status == "undelivered" else None,
            "error_message": None,
            "date_created": format_datetime(taken.created_at),
            "date_updated": format_datetime(taken.created_at),
            "date_sent": None if status == "queued" else format_datetime(taken.created_at),
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{taken.sid}.json",
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: FakeTwilio) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a killed client is what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer's second packet is not to wait for the client's delayed receipt
    server: _Server
    MESSAGES: ClassVar[str] = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
    CALLS: ClassVar[str] = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        del format, args

    def do_POST(self) -> None:
        fake = self.server.fake
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:  # the client was killed in the middle of a word
            return self._cut()
        fake.note(Asked("POST", self.path, body))
        fields = parse_qs(body.decode())
        is_call = urlsplit(self.path).path == f"{self.CALLS}.json"
        fake.count_call("call" if is_call else "create")
        if self._turned_away():
            return None
        if not is_call and urlsplit(self.path).path != f"{self.MESSAGES}.json":
            return self._error(404, 20404)
        fault, before, after = fake.draw()
        fake.stopping.wait(before)
        if fault is None and (wrong := self._wrong({name: values[0] for name, values in fields.items()}, is_call)):
            return self._error(400, wrong)
        if fields.get("To", [""])[0] in fake.hanging:
            fault = Fault.HANG
        document = self._taken(fields, is_call=is_call) if fault is None or fault in TAKEN else {}
        fake.stopping.wait(after)
        return self._answer(201, document) if fault is None else self._fail(fault)

    def _taken(self, fields: Mapping[str, list[str]], *, is_call: bool) -> dict[str, object]:
        fake = self.server.fake
        if is_call:
            return fake.exchange.place(fields)
        return fake.document(fake.take({name: values[0] for name, values in fields.items()}))

    def do_GET(self) -> None:
        fake, asked = self.server.fake, urlsplit(self.path)
        fake.note(Asked("GET", self.path, b""))
        one = re.fullmatch(re.escape(self.MESSAGES) + r"/(SM\w+)\.json", asked.path)
        fake.count_call("fetch" if one else "list")
        if self._turned_away():
            return None
        if asked.path.startswith(self.CALLS):
            return self._calls(asked.path, parse_qs(asked.query))
        if asked.path == f"{self.MESSAGES}.json":
            return self._list({name: values[0] for name, values in parse_qs(asked.query).items()})
        taken = fake.one(one[1]) if one else None
        return self._error(404, 20404) if taken is None else self._answer(200, fake.document(taken))

    def _list(self, query: Mapping[str, str]) -> None:
        fake, size, page = self.server.fake, int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        if "DateSent>" in query:
            self._came(query)
            return
        found = fake.listed(query.get("To"))
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        following = urlencode({**query, "PageSize": size, "Page": page + 1})
        self._answer(
            200,
            {
                "messages": [fake.document(taken) for taken in shown],
                "page": page,
                "page_size": size,
                "uri": self.path,
                "next_page_uri": f"{self.MESSAGES}.json?{following}" if more else None,
            },
        )

    def _calls(self, path: str, query: Mapping[str, list[str]]) -> None:
        exchange, one = self.server.fake.exchange, re.fullmatch(re.escape(self.CALLS) + r"/(CA\w+)\.json", path)
        if one:
            document = exchange.one(one[1])
            return self._error(404, 20404) if document is None else self._answer(200, document)
        calls = {"calls": exchange.listed(query["To"][0]), "page": 0, "page_size": 200, "uri": path}
        return self._answer(200, {**calls, "next_page_uri": None})

    def _came(self, query: Mapping[str, str]) -> None:
        """The texts that came in; the filter goes by days, as the real one's does."""
        first_day = query.get("DateSent>", "")[:10]
        of_days = [came for came in reversed(self.server.fake.inbox) if came.at.date().isoformat() >= first_day]
        shown = [came for came in of_days if query.get("To") in {None, came.to}]
        documents = [
            {
                "sid": came.sid,
                "from": came.sender,
                "to": came.to,
                "body": came.body,
                "status": "received",
                "direction": came.direction,
                "date_created": format_datetime(came.at),
                "date_sent": format_datetime(came.at),
            }
            for came in shown
        ]
        self._answer(200, {"messages": documents, "page": 0, "page_size": 200, "uri": self.path, "next_page_uri": None})

    def _turned_away(self) -> bool:
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.server.fake.down:
            self._html(500)
        elif self.headers.get("Authorization") != expected or self.server.fake.always is Fault.UNAUTHORISED:
            self._error(401, 20003)
        else:
            return False
        return True

    def _wrong(self, fields: Mapping[str, str], is_call: bool) -> int | None:
        if not re.fullmatch(r"\+[1-9]\d{6,14}", fields.get("To", "")):
            return 21211
        if is_call and not fields.get("Twiml", "").startswith("<Response>"):
            return 21205
        if not is_call and not fields.get("Body"):
            return 21602
        if "From" not in fields and "MessagingServiceSid" not in fields:
            return 21606
        return self.server.fake.refused.get(fields["To"])

    def _fail(self, fault: Fault) -> None:
        match fault:
            case Fault.ERROR_500 | Fault.ERROR_500_AFTER:
                self._html(500)
            case Fault.BUSY:
                self._error(429, 20429)
            case Fault.UNAUTHORISED:
                self._error(401, 20003)
            case Fault.GARBLED:
                self._html(201)
            case Fault.HANG | Fault.HANG_AFTER:
                self.server.fake.stopping.wait()
                self._cut()
            case Fault.DROP_BEFORE | Fault.DROP_AFTER:
                self._cut()

    def _cut(self) -> None:
        self.close_connection = True

    def _error(self, status: int, code: int) -> None:
        # Like Twilio's, its words quote the number: they must not get into a log.
        words = f"The 'To' number of code {code} is +447700900999"
        self._answer(status, {"code": code, "message": words, "more_info": "", "status": status})

    def _html(self, status: int) -> None:
        self._send(status, "text/html", b"<html><body>Something went wrong</body></html>")

    def _answer(self, status: int, document: Mapping[str, object]) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
