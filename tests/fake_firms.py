"""NASA FIRMS in small, over real HTTP: its address, its CSV, its ways of saying no, and its bad days."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self

KEY = "0123456789abcdef0123456789abcdef"
VIIRS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,"
    "frp,daynight"
)
MODIS = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_t31,"
    "frp,daynight"
)
BAD_KEY = "Invalid MAP_KEY."
PAGE = "<html><head><title>502 Proxy Error</title></head><body>Proxy Error</body></html>"

Bad = Literal[
    "gateway",  # 502 with a web page
    "page",  # 200 with a web page
    "limited",  # 429, Retry-After as set
    "reset",  # the connection is closed without a word
    "silence",  # it stays open without a word
    "told_no",  # 200 with a line of text in place of the CSV, the key in it
    "empty",  # 200 without a body
    "half",  # the transfer breaks off
    "cut",  # a complete transfer of a table cut in the middle of a row
    "binary",  # 200 with something that is no text
    "table_400",  # the table, with the status of a refusal
    "table_500",  # the table, with the status of an outage
    "crumbs",  # the table, a byte at a time
]


def viirs_row(lat: float, lon: float, day: str, clock: int, **other: object) -> str:
    """A row of VIIRS; `clock` is hours and minutes of UTC as the service writes them, without leading zeros."""
    told = {"satellite": "N20", "confidence": "n", "frp": 5.5, "bright": 330.1, **other}
    return (
        f"{lat},{lon},{told['bright']},0.4,0.4,{day},{clock},{told['satellite']},VIIRS,{told['confidence']},2.0NRT,"
        f"290.0,{told['frp']},N"
    )


def modis_row(lat: float, lon: float, day: str, clock: int, **other: object) -> str:
    """A row of MODIS."""
    told = {"satellite": "Aqua", "confidence": 65, "frp": 12.0, **other}
    return (
        f"{lat},{lon},321.5,1.1,1.0,{day},{clock},{told['satellite']},MODIS,{told['confidence']},6.1NRT,295.0,"
        f"{told['frp']},D"
    )


class FakeFirms:
    """Answers every data set with its `rows`; `script` names the next answers, then all is well again."""

    def __init__(self) -> None:
        self.key = KEY
        self.rows: dict[str, list[str]] = {}
        """Data set -> rows under its header; a data set that is not there has none."""
        self.bodies: dict[str, bytes] = {}
        """Data set -> a recorded body, given as it is."""
        self.script: list[Bad] = []
        self.always: Bad | None = None
        self.retry_after: str | None = "1"
        self.requests: list[str] = []
        self.seconds = 0.0
        """How long an answer takes."""
        self.at_once = self.most_at_once = 0
        """Requests that are being answered, and the most there have ever been."""
        self._counting = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for_closing(self, seconds: float = 5) -> bool:
        """Stay silent until the fake is closed, at most so long; return whether it is."""
        return self._closing.wait(seconds)

    def count(self, change: int) -> None:
        """Count a request that comes or goes."""
        with self._counting:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)

    def table(self, source: str) -> bytes:
        """The whole CSV of a data set."""
        if source in self.bodies:
            return self.bodies[source]
        header = MODIS if source.startswith("MODIS") else VIIRS
        return "".join(f"{line}\n" for line in (header, *self.rows.get(source, []))).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeFirms


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        fake = self.server.fake
        fake.count(1)
        fake.wait_for_closing(fake.seconds)
        fake.count(-1)  # before the answer: who has it may ask again at once
        self._answer()

    def _answer(self) -> None:
        fake = self.server.fake
        fake.requests.append(self.path)
        parts = self.path.strip("/").split("/")
        if parts[:3] != ["api", "area", "csv"] or len(parts) != 7:
            return self._send(404, b"Not Found", "text/plain")
        key, source, box, days = parts[3:]
        if key != fake.key:
            return self._send(400, BAD_KEY.encode(), "text/html")
        if len([float(edge) for edge in box.split(",")]) != 4 or not 1 <= int(days) <= 10:
            return self._send(400, b"Invalid area or day range.", "text/html")
        return self._play(fake.script.pop(0) if fake.script else fake.always, source)

    def _play(self, bad: Bad | None, source: str) -> None:
        fake, table = self.server.fake, self.server.fake.table(source)
        if bad in {"reset", "silence"}:
            if bad == "silence":
                fake.wait_for_closing()
            self.close_connection = True
        elif bad == "crumbs":
            self._crumbs(table)
        elif bad == "half":
            self._send(200, table, "text/csv", cut=len(table) // 2)
        elif bad == "limited":
            self._send(429, b"slow down", "text/plain", {"Retry-After": fake.retry_after} if fake.retry_after else {})
        else:
            bodies: Mapping[Bad | None, tuple[int, bytes]] = {
                "gateway": (502, PAGE.encode()),
                "page": (200, PAGE.encode()),
                "told_no": (200, f"Exceeding allowed transactions for {fake.key}".encode()),
                "empty": (200, b""),
                "cut": (200, table[: len(table) - 30]),
                "binary": (200, b"\xff\xfe\x00"),
                "table_400": (400, table),
                "table_500": (500, table),
            }
            self._send(*bodies.get(bad, (200, table)), "text/csv")

    def _send(
        self,
        status: int,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def _crumbs(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):  # whoever asked has lost patience
            for number in range(len(body)):
                self.wfile.write(body[number : number + 1])
                if self.server.fake.wait_for_closing(0.05):
                    return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent: what was asked is in `requests`."""
