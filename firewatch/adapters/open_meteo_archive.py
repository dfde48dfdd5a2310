"""Open-Meteo's archive of analysed weather: whole days of UTC, all points in one request.

Its limits count calls by weight: a place over two weeks of ten variables is one. So that a year of many points does not
run into them, requests are spread out; what is refused all the same is waited for as the service says.
"""

import time
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime

from firewatch.adapters.open_meteo import VARIABLES, parse
from firewatch.adapters.open_meteo_service import Service, places_of
from firewatch.weather.feeds import Point, Reading

FREE_PER_MINUTE = 500.0
"""Weighted calls a minute; the free service allows 600."""
DAYS_PER_CALL = 14


class OpenMeteoArchive:
    """The archive."""

    def __init__(
        self,
        base_url: str,
        timeout_seconds: float = 60.0,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 70.0,
        calls_per_minute: float = FREE_PER_MINUTE,
    ) -> None:
        """`longest_wait_seconds`: a limit by the minute is waited for, one by the hour is not."""
        url = f"{base_url.rstrip('/')}/v1/archive"
        self._service = Service(
            url,
            timeout_seconds,
            attempts=5,
            first_wait_seconds=first_wait_seconds,
            longest_wait_seconds=longest_wait_seconds,
        )
        self._calls_per_minute = calls_per_minute
        self._asked: deque[tuple[float, float]] = deque()

    def days(self, points: Sequence[Point], first: date, last: date, now: datetime) -> list[Reading]:
        """Return the hours of some days of UTC, none where the archive does not reach so far. Raises FeedDown."""
        self._wait(len(points) * max(1.0, ((last - first).days + 1) / DAYS_PER_CALL))
        query = {
            **places_of(points),
            "hourly": ",".join(VARIABLES),
            "wind_speed_unit": "ms",
            "timezone": "UTC",
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
        }
        readings = parse(self._service.ask(query), points, now, empty_ok=True)
        self._service.payloads()  # a past that can be asked for again is not kept word for word
        return [reading for reading in readings if reading.valid_at <= now]

    def _wait(self, weight: float) -> None:
        """Wait until a call of that weight fits into the minute; one that never will goes alone."""
        while self._asked:
            now = time.monotonic()
            if now - self._asked[0][0] >= 60:
                self._asked.popleft()
            elif sum(calls for _, calls in self._asked) + weight > self._calls_per_minute:
                time.sleep(60 - (now - self._asked[0][0]))
            else:
                break
        self._asked.append((time.monotonic(), weight))
