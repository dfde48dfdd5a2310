"""Open-Meteo in small, over real HTTP: forecast and ensemble, their queries, shapes, limits and bad days."""

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, pi
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

Answer = Literal[
    "ok",
    "limited",  # 429 with the named window; Retry-After as set
    "gateway",  # 502 with a web page
    "page",  # 200 with a web page
    "half",  # the body breaks off
    "half_json",  # a complete transfer of half a document
    "garbled",  # a body that is not packed as its header says
    "nothing",  # the connection is closed without a word
    "silence",  # the connection stays open without a word
    "fewer",  # one place less than asked for
    "uneven",  # one array shorter than the others
    "unit",  # a unit nobody asked for
    "not_a_number",  # NaN, which JSON does not have
]

UNITS = {
    "temperature_2m": "°C",
    "relative_humidity_2m": "%",
    "dew_point_2m": "°C",
    "precipitation": "mm",
    "wind_speed_10m": "km/h",
    "wind_gusts_10m": "km/h",
    "wind_direction_10m": "°",
    "snow_depth": "m",
}
SPEED_UNITS = {"kmh": ("km/h", 1.0), "ms": ("m/s", 1 / 3.6), "mph": ("mp/h", 1 / 1.609344), "kn": ("kn", 1 / 1.852)}
PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class FakeOpenMeteo:
    """Answers for its own `now`; `script` names the next answers, then all is well; `requests` keeps what was asked."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.script: list[Answer] = []
        self.requests: list[dict[str, str]] = []
        self.retry_after: str | None = "1"
        self.warmer_c = 0.0
        """Added to every temperature: a model that has changed its mind."""
        self.archive_lag = timedelta(days=0)
        self.empty: set[str] = set()
        """Variables that are null throughout."""
        self.unknown: set[str] = set()
        """Variables that the model does not have: null throughout, in the unit "undefined"."""
        self.ensemble_script: list[Answer] = []
        self.ensemble_requests: list[dict[str, str]] = []
        self.members = 40
        """Of the ensemble, the control run included."""
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

    def wait_for_closing(self) -> None:
        """Stay silent until the fake is closed, at most five seconds."""
        self._closing.wait(5)

    def places(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Return the forecast for every place of a query; ValueError tells what is wrong with it."""
        lats, lons = _numbers(query, "latitude", 90), _numbers(query, "longitude", 180)
        heights = _numbers(query, "elevation", 9000) if "elevation" in query else [38.0] * len(lats)
        if not len(lats) == len(lons) == len(heights):
            raise ValueError("Parameter 'latitude' and 'longitude' must have the same number of elements")
        past, ahead = _days(query, "past_days", 0, 92), _days(query, "forecast_days", 7, 16)
        if query.get("timezone", "GMT") not in {"UTC", "GMT"}:
            raise ValueError("Invalid timezone")
        first = self.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=past)
        times = [first + timedelta(hours=hour) for hour in range((past + ahead) * 24)]
        return [self._place(query, *place, times) for place in zip(lats, lons, heights, strict=True)]

    def past(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Return the archive's days for every place of a query; it ends `archive_lag` before now, then all is null."""
        lats, lons = _numbers(query, "latitude", 90), _numbers(query, "longitude", 180)
        heights = _numbers(query, "elevation", 9000) if "elevation" in query else [38.0] * len(lats)
        first, last = (datetime.fromisoformat(query[name]).replace(tzinfo=UTC) for name in ("start_date", "end_date"))
        if last > self.now or first > last:
            raise ValueError(f"Parameter 'end_date' is out of allowed range from 1940-01-01 to {self.now:%Y-%m-%d}")
        times = [first + timedelta(hours=hour) for hour in range(((last - first).days + 1) * 24)]
        places = [self._place(query, *place, times) for place in zip(lats, lons, heights, strict=True)]
        for place in places:
            for name, values in place["hourly"].items():
                if name != "time":
                    known = zip(times, values, strict=True)
                    place["hourly"][name] = [v if at <= self.now - self.archive_lag else None for at, v in known]
        return places

    def _place(
        self, query: dict[str, str], lat: float, lon: float, height: float, times: Sequence[datetime]
    ) -> dict[str, Any]:
        hourly: dict[str, list[Any]] = {"time": [f"{at:%Y-%m-%dT%H:%M}" for at in times]}
        units = {"time": "iso8601"}
        speed_unit, factor = SPEED_UNITS[query.get("wind_speed_unit", "kmh")]
        for name in query["hourly"].split(","):
            if name not in UNITS:
                raise ValueError(f"Data corrupted at path ''. Cannot initialize from invalid String value {name}.")
            windy = name in {"wind_speed_10m", "wind_gusts_10m"}
            units[name] = "undefined" if name in self.unknown else speed_unit if windy else UNITS[name]
            values = [self._value(name, lat, at) for at in times]
            hourly[name] = [
                None if name in self.empty | self.unknown else round(v * factor if windy else v, 2) for v in values
            ]
        return {
            "latitude": round(lat * 8) / 8,
            "longitude": round(lon * 8) / 8,
            "generationtime_ms": 0.2,
            "utc_offset_seconds": 0,
            "timezone": "GMT",
            "timezone_abbreviation": "GMT",
            "elevation": height,
            "hourly_units": units,
            "hourly": hourly,
        }

    def ensemble(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Return every place with each variable once for the control and once for each further member."""
        if query.get("models") not in ENSEMBLES:
            raise ValueError(
                f"Data corrupted at path ''. Cannot initialize from invalid String value {query.get('models')}."
            )
        places = self.places({**query, "forecast_days": query.get("forecast_days", "7")})
        for place in places:
            for name in query["hourly"].split(","):
                control = place["hourly"][name]
                for member in range(1, self.members):
                    told = f"{name}_member{member:02d}"
                    place["hourly"][told] = [perturbed(name, value, member) for value in control]
                    place["hourly_units"][told] = place["hourly_units"][name]
        return places

    def _value(self, name: str, lat: float, at: datetime) -> float:
        day = cos(2 * pi * (at.hour - 8) / 24)
        return {
            "temperature_2m": 10 + 8 * day + (lat - 35) + self.warmer_c,
            "relative_humidity_2m": 45 - 25 * day + (lat - 35),
            "dew_point_2m": -3.0,
            "precipitation": 0.4 if (at.day, at.hour) == (31, 10) else 0.0,
            "wind_speed_10m": 18 + 10 * day + (lat - 35),
            "wind_gusts_10m": 30 + 15 * day,
            "wind_direction_10m": 300.0,
            "snow_depth": 0.03,
        }[name]


def perturbed(name: str, value: float | None, member: int) -> float | None:
    """What a member says where the control says `value`: the further members are warmer, drier and windier."""
    if value is None or name not in STEPS:
        return value
    low, step = STEPS[name]
    return round(max(low, value + step * (member - 34)), 2)


STEPS = {"temperature_2m": (-90.0, 0.2), "relative_humidity_2m": (1.0, -0.8), "wind_speed_10m": (0.0, 0.05)}
"""By member: the least value there is, and the step from one member to the next."""
ENSEMBLES = {"icon_seamless", "icon_global", "gfs025", "ecmwf_ifs025", "gem_global"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeOpenMeteo


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        fake = self.server.fake
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.path not in {"/v1/forecast", "/v1/ensemble", "/v1/archive"}:
            return self._json(404, {"error": True, "reason": "Not Found"})
        together = parts.path == "/v1/ensemble"
        (fake.ensemble_requests if together else fake.requests).append(query)
        script = fake.ensemble_script if together else fake.script
        answer = script.pop(0) if script else "ok"
        try:
            asked = {"/v1/forecast": fake.places, "/v1/ensemble": fake.ensemble, "/v1/archive": fake.past}
            places = asked[parts.path](query)
        except (ValueError, KeyError) as error:
            return self._json(400, {"error": True, "reason": str(error)})
        return self._play(answer, places)

    def _play(self, answer: Answer, places: list[dict[str, Any]]) -> None:
        fake = self.server.fake
        if answer == "limited":
            reason = "Minutely API request limit exceeded. Please try again in one minute."
            headers = {} if fake.retry_after is None else {"Retry-After": fake.retry_after}
            self._send(429, json.dumps({"error": True, "reason": reason}).encode(), "application/json", headers)
        elif answer == "gateway":
            self._send(502, PAGE.encode(), "text/html")
        elif answer == "page":
            self._send(200, PAGE.encode(), "text/html")
        elif answer == "garbled":
            self._send(200, json.dumps(_document(places)).encode(), "application/json", {"Content-Encoding": "gzip"})
        elif answer in {"nothing", "silence"}:
            if answer == "silence":
                fake.wait_for_closing()
            self.close_connection = True
        elif answer in {"half", "half_json"}:
            self._half(json.dumps(_document(places)).encode(), honest=answer == "half_json")
        else:
            self._json(200, _document(_spoilt(answer, places)))

    def _half(self, body: bytes, *, honest: bool) -> None:
        half = body[: len(body) // 2]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(half) if honest else len(body)))
        self.end_headers()
        self.wfile.write(half)
        self.close_connection = True

    def _json(self, status: int, document: object) -> None:
        self._send(status, json.dumps(document).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent: what was asked is in `requests`."""


def _spoilt(answer: Answer, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if answer == "fewer":
        return places[:-1]
    if answer == "uneven":
        places[-1]["hourly"]["precipitation"].pop()
    elif answer == "unit":
        places[0]["hourly_units"]["wind_speed_10m"] = "Bft"
    elif answer == "not_a_number":
        places[0]["hourly"]["temperature_2m"][0] = float("nan")
    return places


def _document(places: list[dict[str, Any]]) -> object:
    """Several places come as a list, one as an object."""
    return places[0] if len(places) == 1 else places


def _numbers(query: dict[str, str], name: str, limit: float) -> list[float]:
    numbers = [float(text) for text in query[name].split(",")]
    for number in numbers:
        if abs(number) > limit:
            raise ValueError(f"{name.title()} must be in range of -{limit} to {limit}°. Given: {number}.")
    return numbers


def _days(query: dict[str, str], name: str, default: int, most: int) -> int:
    days = int(query.get(name, default))
    if not 0 <= days <= most:
        raise ValueError(f"Parameter '{name}' is out of allowed range from 0 to {most}. Given: {days}.")
    return days
