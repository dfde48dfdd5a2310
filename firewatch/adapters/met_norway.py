"""MET Norway's location forecast: the fallback, asked by its rules.

Its terms of service ask for a User-Agent that names the program and somebody to write to, for at most four decimals,
and that nobody asks again before `Expires`, and then only `If-Modified-Since`. When the answers run out, and when they
were last modified, is kept in the feed's memory: it is stored with the weather, so a restart asks nothing twice, and
weather that could not be stored is asked for again.

It begins with the present hour and knows no past, so everything is a FORECAST, issued when the service says it was made
(docs/adr/0003). An hour's temperature, humidity and wind stand at the hour itself, its rain in the step before, as
`next_1_hours`. Later steps have six-hour sums only; no hour can be made of them, and they are left out.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, NoReturn

import httpx
import stamina
import structlog

from firewatch import __version__
from firewatch.adapters import answers
from firewatch.errors import BadInput
from firewatch.rulebook.weather import MetNorwayFeed
from firewatch.weather.feeds import FeedDown, Payload, Point, Reading, WeatherFeed
from firewatch.weather.models import ValueKind
from firewatch.weather.units import Linear, conversion

log = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
INSTANT: Mapping[str, str] = {
    "air_temperature": "temp_c",
    "relative_humidity": "rh_pct",
    "wind_speed": "wind_kmh",
    "wind_speed_of_gust": "gust_kmh",
    "wind_from_direction": "wind_dir_deg",
}
RAIN = "precipitation_amount"
UNTOLD_SECONDS = 1800.0
"""How long an answer is good that does not say so."""
SLOW_DOWN_SECONDS = 600.0
"""How long we stay silent after a 429 that does not say."""
LONGEST_PAUSE_SECONDS = 8.0
WITHDRAWN = "HTTP 203: this version of the service is going to be withdrawn"


class MetNorway(WeatherFeed):
    """The feed. One request at a time and a pause between two; a point whose answer is still good is not asked for."""

    def __init__(
        self,
        rules: MetNorwayFeed,
        base_url: str,
        timeout_seconds: float = 15.0,
        attempts: int = 3,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 30.0,
        pause_seconds: float = 0.25,
        clock_speed: float = 1.0,
    ) -> None:
        """`clock_speed`: of the service's clock. The rules are made for the wall's time, also in a drill."""
        self.id: str = rules.id
        self.kind: str = "met_norway"
        self.note: str = ""
        self._url = f"{base_url.rstrip('/')}/weatherapi/locationforecast/2.0/compact"
        self._timeout_seconds, self._pause_seconds = timeout_seconds, pause_seconds
        self._longest_wait_seconds = longest_wait_seconds
        self._speed = max(1.0, clock_speed)
        self._agent = f"firewatch/{__version__} {rules.contact}"
        self._lock = threading.Lock()
        self._payloads: deque[Payload] = deque(maxlen=100)
        self._good: dict[str, dict[str, str]] = {}
        """What was asked → until when its answer is good, and when it was last modified."""
        self._quiet_until: datetime | None = None
        self._began = 0.0
        """When the round began, on the machine's monotonic clock."""
        self._warning = ""
        self._retry = stamina.RetryingCaller(
            attempts=attempts,
            timeout=None,
            wait_initial=first_wait_seconds,
            wait_max=longest_wait_seconds,
            wait_jitter=first_wait_seconds,
        ).on(answers.worth_another_try)

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return the hours to come of every point whose answer is no longer good. Raises FeedDown when none is known.

        `since` means nothing here. An outage ends the round: the points that follow are asked for the next time.
        """
        del since
        with self._lock:
            self._keep_quiet(now)
            self._began, self._warning = time.monotonic(), ""
            timeout = httpx.Timeout(self._timeout_seconds)
            with httpx.Client(timeout=timeout, headers={"User-Agent": self._agent}) as client:
                return self._round(client, points, now)

    def remind(self, memory: Mapping[str, Any]) -> None:
        """Take up what was good when the last fetch was stored."""
        with self._lock:
            self._good = {str(asked): dict(answer) for asked, answer in memory.get("good", {}).items()}
            quiet_until = memory.get("quiet_until")
            self._quiet_until = datetime.fromisoformat(quiet_until) if quiet_until else None

    def memory(self) -> dict[str, Any]:
        """Give until when which answers are good, and until when we were asked to be silent."""
        with self._lock:
            quiet_until = self._quiet_until.isoformat() if self._quiet_until else None
            return {"good": self._good, "quiet_until": quiet_until}

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire."""
        with self._lock:
            taken = list(self._payloads)
            self._payloads.clear()
        return taken

    def _round(self, client: httpx.Client, points: Sequence[Point], now: datetime) -> list[Reading]:
        readings: list[Reading] = []
        problems: list[str] = []
        known = 0
        for number, point in enumerate(points):
            if self._is_good(point, now):
                known += 1
                continue
            try:
                if number:
                    time.sleep(self._pause_seconds)
                readings += self._retry(self._ask, client, point, now)
                known += 1
            except FeedDown as error:
                problems.append(f"{point.id}: {error}")
                if isinstance(error, answers.AskAgain) or self._quiet_until is not None:
                    break
        if problems and not known:
            raise FeedDown(problems[0])
        self._tell(readings, [*problems[:1], *([f"{known}/{len(points)}"] if problems else [])])
        return readings

    def _tell(self, readings: Sequence[Reading], problems: Sequence[str]) -> None:
        until = max((reading.valid_at for reading in readings if reading.rain_mm is not None), default=None)
        said = [f"→ {until:%Y-%m-%d %H:%M}Z"] if until else []
        self.note = "; ".join([*said, *([self._warning] if self._warning else []), *problems])

    def _keep_quiet(self, now: datetime) -> None:
        if self._quiet_until is not None and now < self._quiet_until:
            raise FeedDown(f"asked to wait another {ceil((self._quiet_until - now).total_seconds())} s")
        self._quiet_until = None

    def _is_good(self, point: Point, now: datetime) -> bool:
        answer = self._good.get(_asked(point))
        return answer is not None and now < datetime.fromisoformat(answer["expires_at"])

    def _ask(self, client: httpx.Client, point: Point, now: datetime) -> list[Reading]:
        asked = _asked(point)
        modified = self._good.get(asked, {}).get("last_modified", "")
        response = answers.get(
            client, f"{self._url}?{asked}", None, {"If-Modified-Since": modified} if modified else {}
        )
        self._payloads.append(answers.payload(response))
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED and modified:
            self._remember(asked, response, now, modified)
            return []
        if status not in {httpx.codes.OK, httpx.codes.NON_AUTHORITATIVE_INFORMATION}:
            self._refuse(response, now)
        readings = parse(answers.document(response), point, now)
        if status == httpx.codes.NON_AUTHORITATIVE_INFORMATION:
            log.warning("feed_version_deprecated", source=self.id, why=WITHDRAWN)
            self._warning = WITHDRAWN
        self._remember(asked, response, now, response.headers.get("Last-Modified", ""))
        return readings

    def _remember(self, asked: str, response: httpx.Response, now: datetime, modified: str) -> None:
        # Measured against the answer's own Date: our clock may be off, or a drill's.
        lifetime = answers.seconds_until(response, "Expires")
        expires_at = self._in(now, UNTOLD_SECONDS if lifetime is None else lifetime)
        self._good[asked] = {"expires_at": expires_at.isoformat(), "last_modified": modified}

    def _in(self, now: datetime, seconds: float) -> datetime:
        """Return the instant so long after this answer: the round began at `now`, and has its pauses and waits."""
        return now + self._speed * timedelta(seconds=time.monotonic() - self._began + seconds)

    def _refuse(self, response: httpx.Response, now: datetime) -> NoReturn:
        message = f"HTTP {response.status_code}"
        if response.status_code == httpx.codes.FORBIDDEN:
            raise FeedDown(f"{message}: refused; is `contact` in weather.toml yours?")
        wait_seconds = answers.retry_after_seconds(response)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
            wait_seconds = SLOW_DOWN_SECONDS if wait_seconds is None else wait_seconds
        elif not response.is_server_error:
            raise FeedDown(message)
        if wait_seconds is not None and wait_seconds > self._longest_wait_seconds:
            # Too long to hold a job for: this fetch ends here, and later ones stay silent until then.
            self._quiet_until = self._in(now, wait_seconds)
            raise FeedDown(f"{message}; asks to wait {ceil(wait_seconds)} s")
        raise answers.AskAgain(message, wait_seconds)


def _asked(point: Point) -> str:
    """Return what is asked for a point: four decimals at most, whole metres."""
    return f"lat={point.lat:.4f}&lon={point.lon:.4f}&altitude={point.elevation_m:.0f}"


def parse(document: object, point: Point, now: datetime) -> list[Reading]:
    """Turn an answer into readings, one for each hour whose rain is told by itself. Raises FeedDown.

    Units are the declared ones, converted or refused. The first step's own hour is left out: its rain has passed, and a
    newer issue without it would silence the older one that told it.
    """
    try:
        return list(_hours(document, point, now))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise FeedDown(f"answered half or in another shape ({type(error).__name__}: {str(error)[:80]})") from None
    except BadInput as error:
        raise FeedDown(str(error)) from None


def _hours(document: Any, point: Point, now: datetime) -> Iterator[Reading]:  # noqa: ANN401 - a JSON document
    meta, steps = document["properties"]["meta"], document["properties"]["timeseries"]
    # A service whose clock is ahead of ours must not have its word put off.
    issued_at = min(_instant(meta["updated_at"]), now)
    instants = {_instant(step["time"]): step["data"]["instant"]["details"] for step in steps}
    rain = _quantity(meta["units"], RAIN, "rain_mm")
    model = _model(document["geometry"]["coordinates"])
    told = 0
    for step in steps:
        following = step["data"].get("next_1_hours")
        if following is None:
            continue
        valid_at = _instant(step["time"]) + HOUR
        values = _values(instants.get(valid_at, {}), meta["units"])
        amount = following.get("details", {}).get(RAIN)
        rain_mm = None if amount is None else rain(_number(amount))
        yield Reading(point.id, ValueKind.FORECAST, valid_at, issued_at, model, rain_mm=rain_mm, **values)
        told += 1
    if not told:
        raise ValueError("no hour with its rain")


def _values(details: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, float]:
    return {
        ours: _quantity(units, theirs, ours)(_number(details[theirs]))
        for theirs, ours in INSTANT.items()
        if details.get(theirs) is not None
    }


def _quantity(units: Mapping[str, str], theirs: str, ours: str) -> Linear:
    return conversion(ours, units[theirs])


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text}: without offset")
    return at.astimezone(UTC)


def _number(cell: object) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise TypeError(f"{str(cell)[:20]!r} is not a number")
    return float(cell)


def _model(cell: Sequence[float]) -> str:
    """Name the origin, with the place that was answered for."""
    return f"locationforecast {cell[1]:.3f},{cell[0]:.3f} {cell[2] if len(cell) > 2 else 0:.0f} m"
