"""MET Norway's location forecast in small, over real HTTP: its shape, its caching rules, its limits and its bad days.

It refuses (403) a User-Agent without somebody to write to, answers 304 to who has the newest issue, counts who asks
again before `Expires`, and refuses more than four decimals.
"""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, pi
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

Answer = Literal[
    "ok",
    "deprecated",  # 203, with the weather
    "limited",  # 429; Retry-After as set
    "gateway",  # 502 with a web page
    "page",  # 200 with a web page
    "half_json",  # a complete transfer of half a document
    "nothing",  # the connection is closed without a word
    "reset",  # the connection is reset
    "unit",  # a unit nobody asked for
    "outside",  # 422: no weather there
]
PAGE = "<html><head><title>502 Bad Gateway</title></head><body>varnish</body></html>"
UNITS = {
    "air_temperature": "celsius",
    "precipitation_amount": "mm",
    "relative_humidity": "%",
    "wind_from_direction": "degrees",
    "wind_speed": "m/s",
}
HOURLY, SIX_HOURLY = 55, 26


class FakeMetNorway:
    """Answers for its own `now`; `script` names the next answers, then all is well, or `always` if that is set."""

    def __init__(self, now: datetime | Callable[[], datetime]) -> None:
        self._now = now if callable(now) else None
        self.now = now() if callable(now) else now
        self.script: list[Answer] = []
        self.always: Answer | None = None
        self.requests: list[dict[str, str]] = []
        self.answered: list[int] = []
        self.too_early = 0
        """Requests for what was answered before and had not expired."""
        self.lifetime_seconds: float = 1800
        self.retry_after: str | None = "1"
        self.issue_every_hours = 6
        self.warmer_c = 0.0
        self.recorded: Mapping[str, Any] | None = None
        """A recorded answer (its headers and its data) to be given to whoever asks."""
        self._good_until: dict[str, datetime] = {}
        self._lock = threading.Lock()
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
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_answer(self, query: dict[str, str], agent: str) -> tuple[Answer, datetime, bool]:
        """Note a request; return how to answer it, the time, and whether it came too early."""
        with self._lock:
            now = self._now() if self._now else self.now
            asked = f"{query.get('lat')},{query.get('lon')}"
            early = now < self._good_until.get(asked, now)
            self.requests.append({**query, "user-agent": agent})
            answer = self.script.pop(0) if self.script else self.always or "ok"
            if answer in {"ok", "deprecated"}:
                self.too_early += early
                self._good_until[asked] = now + timedelta(seconds=self.lifetime_seconds)
            return answer, now, early

    def issued(self, now: datetime) -> datetime:
        """When the newest forecast was made: on a grid of hours, a quarter past."""
        grid = timedelta(hours=self.issue_every_hours)
        begin = datetime(2020, 1, 1, 0, 15, tzinfo=UTC)
        return begin + (now - begin) // grid * grid

    def document(self, lat: float, lon: float, altitude: float, now: datetime) -> dict[str, Any]:
        """Return the forecast of a place: hours, then six-hour steps; the last has no rain."""
        first = now.replace(minute=0, second=0, microsecond=0)
        hourly = [first + timedelta(hours=hour) for hour in range(HOURLY)]
        begins = hourly[-1] + timedelta(hours=1)
        begins += timedelta(hours=-begins.hour % 6)
        hourly += [hourly[-1] + timedelta(hours=n) for n in range(1, (begins - hourly[-1]) // timedelta(hours=1))]
        later = [begins + timedelta(hours=6 * step) for step in range(SIX_HOURLY)]
        steps = [self._step(at, lat, one="next_1_hours") for at in hourly]
        steps += [self._step(at, lat, one="") for at in later[:-1]]
        steps.append({"time": _z(later[-1]), "data": {"instant": {"details": self._instant(later[-1], lat)}}})
        meta = {"updated_at": _z(self.issued(now)), "units": dict(UNITS)}
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat, altitude]},
            "properties": {"meta": meta, "timeseries": steps},
        }

    def _step(self, at: datetime, lat: float, one: str) -> dict[str, Any]:
        data: dict[str, Any] = {"instant": {"details": self._instant(at, lat)}}
        if one:
            data[one] = {"summary": {}, "details": {"precipitation_amount": 0.3 if at.hour == 20 else 0.0}}
        data["next_6_hours"] = {"summary": {}, "details": {"precipitation_amount": 0.3 if 14 < at.hour <= 20 else 0.0}}
        return {"time": _z(at), "data": data}

    def _instant(self, at: datetime, lat: float) -> dict[str, float]:
        day = cos(2 * pi * (at.hour - 8) / 24)
        return {
            "air_temperature": round(12 + 8 * day + (lat - 35) + self.warmer_c, 1),
            "relative_humidity": round(40 - 20 * day, 1),
            "wind_speed": round(4 + 2 * day, 1),
            "wind_from_direction": 270.0,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeMetNorway


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        fake, parts = self.server.fake, urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        agent = self.headers.get("User-Agent", "")
        answer, now, _ = fake.next_answer(query, agent)
        if parts.path != "/weatherapi/locationforecast/2.0/compact":
            return self._send(404, b"", {})
        if not re.search(r"\S+ .*(@|://|\.)", agent):
            return self._send(403, b"<html>Please identify yourself</html>", {"Content-Type": "text/html"})
        if any(len(query[name].partition(".")[2]) > 4 for name in ("lat", "lon")):
            return self._send(403, b"<html>Too many decimals</html>", {"Content-Type": "text/html"})
        return self._play(answer, now, query)

    def _play(self, answer: Answer, now: datetime, query: Mapping[str, str]) -> None:
        fake = self.server.fake
        if answer == "nothing":
            self.close_connection = True
        elif answer == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif answer == "limited":
            headers = {} if fake.retry_after is None else {"Retry-After": fake.retry_after}
            self._send(429, b"", {"Date": format_datetime(now, usegmt=True), **headers})
        elif answer in {"gateway", "page"}:
            self._send(502 if answer == "gateway" else 200, PAGE.encode(), {"Content-Type": "text/html"})
        elif answer == "outside":
            self._send(422, b"", {})
        elif fake.recorded is not None:
            self._replay(fake.recorded)
        else:
            self._weather(answer, now, query)

    def _weather(self, answer: Answer, now: datetime, query: Mapping[str, str]) -> None:
        fake = self.server.fake
        headers = {
            "Content-Type": "application/json",
            "Date": format_datetime(now, usegmt=True),
            "Expires": format_datetime(now + timedelta(seconds=fake.lifetime_seconds), usegmt=True),
            "Last-Modified": format_datetime(fake.issued(now), usegmt=True),
        }
        since = self.headers.get("If-Modified-Since")
        if since and parsedate_to_datetime(since) >= fake.issued(now):
            return self._send(304, b"", headers)
        document = fake.document(float(query["lat"]), float(query["lon"]), float(query.get("altitude", 0)), now)
        if answer == "unit":
            document["properties"]["meta"]["units"]["wind_speed"] = "Bft"
        body = json.dumps(document).encode()
        body = body[: len(body) // 2] if answer == "half_json" else body
        return self._send(203 if answer == "deprecated" else 200, body, headers)

    def _replay(self, recorded: Mapping[str, Any]) -> None:
        headers = {name: recorded["headers"][name] for name in ("Content-Type", "Date", "Expires", "Last-Modified")}
        if self.headers.get("If-Modified-Since") == headers["Last-Modified"]:
            return self._send(304, b"", headers)
        return self._send(recorded["status_code"], json.dumps(recorded["data"]).encode(), headers)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.server.fake.answered.append(status)
        self.send_response_only(status)
        for name, value in {"Server": "nginx", **headers}.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent: what was asked is in `requests`."""


def _z(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
