"""What all of Open-Meteo's services have in common: how one is asked, what it refuses, and the shape of its hours."""

import json
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from math import ceil
from typing import Any, NoReturn

import httpx
import stamina

from firewatch.adapters import answers
from firewatch.errors import BadInput
from firewatch.weather.feeds import FeedDown, Payload, Point
from firewatch.weather.units import conversion

UNDEFINED = "undefined"
MOST_PAYLOADS = 20
"""Answers that wait for whoever keeps them; older ones are let go."""


class Service:
    """One service. One request at a time; retries only what may pass, and never sooner than the service asks for."""

    def __init__(
        self,
        url: str,
        timeout_seconds: float = 15.0,
        attempts: int = 3,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 30.0,
    ) -> None:
        """`url` is the whole address, without its query."""
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._longest_wait_seconds = longest_wait_seconds
        self._lock = threading.Lock()
        self._payloads: deque[Payload] = deque(maxlen=MOST_PAYLOADS)
        self._quiet_until = 0.0  # on the machine's monotonic clock
        self._retry = stamina.RetryingCaller(
            attempts=attempts,
            timeout=None,
            wait_initial=first_wait_seconds,
            wait_max=longest_wait_seconds,
            wait_jitter=first_wait_seconds,
        ).on(answers.worth_another_try)

    def ask(self, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - a JSON document
        """Return the document. Raises FeedDown."""
        with self._lock:
            self._keep_quiet()
            timeout = httpx.Timeout(self._timeout_seconds)
            with httpx.Client(timeout=timeout, headers={"User-Agent": "firewatch"}) as client:
                return self._retry(self._ask, client, query)

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire."""
        with self._lock:
            taken = list(self._payloads)
            self._payloads.clear()
        return taken

    def _keep_quiet(self) -> None:
        left = self._quiet_until - time.monotonic()
        if left > 0:
            raise FeedDown(f"asked to wait another {ceil(left)} s")

    def _ask(self, client: httpx.Client, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - a JSON document
        response = answers.get(client, self._url, query)
        self._payloads.append(answers.payload(response))
        if response.status_code != httpx.codes.OK:
            self._refuse(response)
        return answers.document(response)

    def _refuse(self, response: httpx.Response) -> NoReturn:
        message = f"HTTP {response.status_code}{_reason(response)}"
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS and not response.is_server_error:
            raise FeedDown(message)
        wait_seconds = answers.retry_after_seconds(response)
        if wait_seconds is not None and wait_seconds > self._longest_wait_seconds:
            # Too long to hold a job for: this fetch fails now, and later ones stay silent until then.
            self._quiet_until = time.monotonic() + wait_seconds
            raise FeedDown(f"{message}; asks to wait {ceil(wait_seconds)} s")
        raise answers.AskAgain(message, wait_seconds)


def _reason(response: httpx.Response) -> str:
    try:
        reason = json.loads(response.content)["reason"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {reason[:200]}" if isinstance(reason, str) else ""


def places_of(points: Sequence[Point]) -> dict[str, str]:
    """Return the part of a query that names the places, each with the height of its forest belt."""
    return {
        "latitude": ",".join(f"{point.lat:.4f}" for point in points),
        "longitude": ",".join(f"{point.lon:.4f}" for point in points),
        "elevation": ",".join(f"{point.elevation_m:.0f}" for point in points),
    }


def times(place: Mapping[str, Any]) -> list[datetime]:
    """Return the instants of a place's hours; BadInput for a form nobody taught us."""
    if place["hourly_units"]["time"] != "iso8601":
        raise BadInput(f"time in {place['hourly_units']['time']!r}: not a known unit")
    # Times come without offset, in the zone of the declared offset; we ask for UTC.
    zone = timezone(timedelta(seconds=place["utc_offset_seconds"]))
    return [datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) for text in place["hourly"]["time"]]


def column(cells: Sequence[Any], unit: str, quantity: str, count: int) -> list[float | None]:
    """Return a variable's hours in our unit; ValueError, TypeError or BadInput tell what is wrong with them.

    A variable that the model does not have comes as nothing but null, in the unit "undefined": it is missing.
    """
    if len(cells) != count:
        raise ValueError(f"{len(cells)} of {count} hours of {quantity}")
    if unit == UNDEFINED and all(cell is None for cell in cells):
        return [None] * count
    ours = conversion(quantity, unit)
    return [None if cell is None else ours(_number(cell)) for cell in cells]


def _number(cell: object) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise TypeError(f"{str(cell)[:20]!r} is not a number")
    return float(cell)
