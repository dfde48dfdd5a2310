"""NASA FIRMS: the pixels in which a satellite found fire, as CSV for a window and some days.

`GET {base}/api/area/csv/{key}/{source}/{west,south,east,north}/{days}`. The service is judged by the header of the CSV,
not by its status: a bad key is one line of text, an outage a web page. Only that nothing burns is not believed of an
answer whose status says that something is wrong. The key is part of the address; it is taken out of everything that is
kept, shown or logged.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil, isfinite
from typing import Final

import httpx
import stamina

from firewatch.adapters import answers
from firewatch.hotspots.feed import Answer, Box, HotspotFeed, Sighted
from firewatch.hotspots.models import Confidence
from firewatch.weather.feeds import FeedDown, Payload

DAYS: Final = 2
"""Days of UTC that are asked for: just after midnight the present one is empty."""
NEEDED: Final = ("latitude", "longitude", "acq_date", "acq_time", "satellite", "instrument", "confidence", "frp")
BRIGHTNESS: Final = ("bright_ti4", "brightness")
"""Column of the brightness temperature in K: VIIRS, MODIS."""
WORDS: Final[Mapping[str, Confidence]] = {"l": Confidence.LOW, "n": Confidence.NOMINAL, "h": Confidence.HIGH}
MOST_PAYLOADS: Final = 20
REDACTED: Final = "***"


class Firms(HotspotFeed):
    """One data set. One request at a time; retries only what may pass, and never sooner than the service asks for."""

    def __init__(
        self,
        source: str,
        base_url: str,
        key: str,
        timeout_seconds: float = 30.0,
        attempts: int = 3,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 30.0,
    ) -> None:
        self.id: str = source
        self._key = key
        self._base = f"{base_url.rstrip('/')}/api/area/csv"
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

    def __repr__(self) -> str:
        """Name the data set, never the key."""
        return f"Firms({self.id!r})"

    def fetch(self, box: Box) -> Answer:
        """Return what was detected in the window over the last two days of UTC. Raises FeedDown."""
        window = f"{box.west:g},{box.south:g},{box.east:g},{box.north:g}"
        with self._lock:
            left = self._quiet_until - time.monotonic()
            if left > 0:
                raise FeedDown(f"asked to wait another {ceil(left)} s")
            timeout = httpx.Timeout(self._timeout_seconds)
            with httpx.Client(timeout=timeout, headers={"User-Agent": "firewatch"}) as client:
                # The address is put together where it is asked: arguments of retried calls come into the log.
                return self._retry(self._ask, client, window)

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire, without the key."""
        with self._lock:
            taken = list(self._payloads)
            self._payloads.clear()
        return taken

    def _ask(self, client: httpx.Client, window: str) -> Answer:
        response = answers.get(client, f"{self._base}/{self._key}/{self.id}/{window}/{DAYS}", None)
        self._payloads.append(self._payload(response))
        if response.is_success:
            return parse(self._text(response))
        text = self._clean(response.content.decode("utf-8-sig", errors="replace"))
        with suppress(FeedDown):
            if (seen := parse(text)).detections:
                return seen
        raise self._refusal(response, text)

    def _payload(self, response: httpx.Response) -> Payload:
        kept = answers.payload(response)
        body = kept.body.replace(self._key.encode(), REDACTED.encode())
        return Payload(self._clean(kept.request), kept.status, kept.content_type, body)

    def _clean(self, text: str) -> str:
        return text.replace(self._key, REDACTED)

    def _text(self, response: httpx.Response) -> str:
        try:
            return self._clean(response.content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise FeedDown("answered something that is not text") from None

    def _refusal(self, response: httpx.Response, text: str) -> FeedDown:
        message = f"HTTP {response.status_code}"
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS and not response.is_server_error:
            return FeedDown(_reason(text) or message)
        wait_seconds = answers.retry_after_seconds(response)
        if wait_seconds is not None and wait_seconds > self._longest_wait_seconds:
            # Too long to hold a job for: this poll fails now, and later ones stay silent until then.
            self._quiet_until = time.monotonic() + wait_seconds
            return FeedDown(f"{message}; asks to wait {ceil(wait_seconds)} s")
        return answers.AskAgain(message, wait_seconds)


def parse(text: str) -> Answer:
    """Turn a CSV into detections; a row that cannot be read is counted, not guessed at.

    Raises FeedDown for what is not this CSV, and AskAgain for one that breaks off.
    """
    lines = text.splitlines()
    header = _header(lines)
    if not header:
        raise FeedDown(_reason(text) or "answered nothing at all")
    # No cell of this table is quoted: a stray quote is to cost its row and no other.
    rows = [line.split(",") for line in lines[1:] if line.strip()]
    if not text.endswith("\n") and rows and len(rows[-1]) < len(header):
        raise answers.AskAgain("answered half of it")
    found = [_detection(dict(zip(header, row, strict=False))) for row in rows]
    seen = [each for each in found if each is not None]
    if rows and not seen:
        raise FeedDown("answered rows of which none can be read")
    return Answer(seen, refused=len(found) - len(seen))


def _header(lines: Sequence[str]) -> list[str]:
    """Return the names of the columns; none when this is not the table."""
    header = [name.strip() for name in lines[0].split(",")] if lines else []
    return header if set(NEEDED) <= set(header) else []


def _reason(text: str) -> str:
    """Say what an answer is that is not the CSV: its first words, if it has any that are fit to show."""
    if _header(text.splitlines()):
        return ""
    said = " ".join(text.split())
    if said.startswith("<"):
        return "answered a web page instead of hot spots"
    if "map_key" in said.lower() or "map key" in said.lower():
        return f"refuses the key ({said[:80]}): check FIREWATCH_FIRMS_KEY"
    return f"answered no hot spots but: {said[:120]}" if said else ""


def _detection(row: Mapping[str, str]) -> Sighted | None:
    """Return a row's detection; None when something it is known by, or its confidence, cannot be read."""
    try:
        lat, lon = float(row["latitude"]), float(row["longitude"])
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            return None
        return Sighted(
            satellite=_name(row["satellite"]),
            instrument=_name(row["instrument"]),
            acquired_at=_acquired_at(row["acq_date"], row["acq_time"]),
            lat=round(lat, 5),
            lon=round(lon, 5),
            confidence=confidence_of(row["confidence"]),
            frp_mw=_figure(row["frp"]),
            brightness_k=_figure(next((row[name] for name in BRIGHTNESS if name in row), "")),
        )
    except (KeyError, ValueError):
        return None


def _name(text: str) -> str:
    clean = text.strip(' "')
    if not 1 <= len(clean) <= 20:
        raise ValueError("a name of 1 to 20 characters")
    return clean


def _acquired_at(day: str, clock: str) -> datetime:
    """Return the instant of an overpass; the time is hours and minutes of UTC without leading zeros: 5 is 00:05."""
    if not clock.strip().isdecimal():
        raise ValueError("a time of digits")
    return datetime.strptime(f"{day.strip()} {clock.strip():0>4}", "%Y-%m-%d %H%M").replace(tzinfo=UTC)


def confidence_of(text: str) -> Confidence:
    """Return the word for VIIRS's letter or MODIS's percent (low below 30, high from 80). Raises ValueError.

    The classes of the percent are those of the MODIS active fire product's user's guide.
    """
    clean = text.strip().lower()
    if clean in WORDS:
        return WORDS[clean]
    percent = float(clean)
    if not 0 <= percent <= 100:
        raise ValueError("a percentage")
    if percent < 30:
        return Confidence.LOW
    return Confidence.NOMINAL if percent < 80 else Confidence.HIGH


def _figure(text: str) -> float | None:
    """Return a number; None for an empty cell or one that is none. Missing is not zero."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
