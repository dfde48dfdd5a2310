"""Open-Meteo's ensemble service: the days ahead, foreseen by every member of one model's ensemble.

`GET /v1/ensemble`: a variable comes once for the control run, under its own name, and once for each further member as
`temperature_2m_member01`, `..._member02` and so on. Units are the declared ones. What a place does not tell of a member
is missing: that member then says nothing of it, and the others are heard all the same.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from firewatch.adapters.open_meteo_service import Service, column, places_of, times
from firewatch.errors import BadInput
from firewatch.outlook.members import Ensemble, Members
from firewatch.weather.feeds import FeedDown, Payload, Point

VARIABLES: Mapping[str, str] = {
    "temperature_2m": "temp_c",
    "relative_humidity_2m": "rh_pct",
    "precipitation": "rain_mm",  # of the hour before, as ours
    "wind_speed_10m": "wind_kmh",
    "snow_depth": "snow_depth_cm",
}
NOT_BY_ALL = "snow_depth_cm"
"""What many models do not tell; without any of the others there is no grade."""
MEMBER = re.compile(r"(?:_member\d{2,3})?")
HOUR = timedelta(hours=1)

Told = dict[str, dict[str, list[float | None]]]
"""A place's hours by quantity and member; the control run's name is empty."""


class OpenMeteoEnsemble(Ensemble):
    """The ensemble: one request for all points."""

    def __init__(
        self,
        model: str,
        days_ahead: int,
        base_url: str,
        timeout_seconds: float = 30.0,
        attempts: int = 3,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 30.0,
    ) -> None:
        """`model` is Open-Meteo's name of it, for example icon_seamless."""
        self.id: str = "open-meteo-ensemble"
        self.note: str = ""
        self._model = model
        # Days of UTC, today's included: the last local day may end in the next one.
        self._days = min(days_ahead + 2, 16)
        url = f"{base_url.rstrip('/')}/v1/ensemble"
        self._service = Service(url, timeout_seconds, attempts, first_wait_seconds, longest_wait_seconds)

    def fetch(self, points: Sequence[Point], now: datetime) -> Members:
        """Return the members' hours from the beginning of today (UTC) on. Raises FeedDown."""
        query = {
            **places_of(points),
            "models": self._model,
            "hourly": ",".join(VARIABLES),
            "wind_speed_unit": "ms",
            "timezone": "UTC",
            "forecast_days": str(self._days),
        }
        return parse(self._service.ask(query), points, self._model, now)

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire."""
        return self._service.payloads()


def parse(document: object, points: Sequence[Point], model: str, now: datetime) -> Members:
    """Turn an answer into members; a list answers several points, an object one. Raises FeedDown."""
    places = document if isinstance(document, list) else [document]
    if len(places) != len(points):
        raise FeedDown(f"answered for {len(places)} places, asked for {len(points)}")
    told = [_place(place) for place in places]
    start, count, _ = told[0]
    if any((first, hours) != (start, count) for first, hours, _ in told):
        raise FeedDown("answered other hours for one place than for another")
    members = sorted({member for _, _, place in told for member in place["temp_c"]})
    nothing: list[float | None] = [None] * count
    values = {}
    for name in VARIABLES.values():
        cells = [[place[name].get(member, nothing) for member in members] for _, _, place in told]
        # From (places, members, hours) to (hours, members, places).
        values[name] = np.array(cells, dtype=np.float64).transpose(2, 1, 0)
        if name != NOT_BY_ALL and np.isnan(values[name]).all():
            raise FeedDown(f"answered without a single value of {name}")
    return Members(model, now.replace(minute=0, second=0, microsecond=0), start - HOUR, values)


def _place(place: Any) -> tuple[datetime, int, Told]:  # noqa: ANN401 - JSON
    """Return the first instant of a place, how many hours there are, and what it tells."""
    try:
        if "reason" in place:
            raise FeedDown(str(place["reason"])[:200])
        instants = _in_order(times(place))
        return instants[0], len(instants), {ours: _told(place, key, len(instants)) for key, ours in VARIABLES.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError) as error:
        raise FeedDown(f"answered half or in another shape ({type(error).__name__}: {str(error)[:80]})") from None
    except BadInput as error:
        raise FeedDown(str(error)) from None


def _in_order(instants: list[datetime]) -> list[datetime]:
    if [at - instants[0] for at in instants] != [n * HOUR for n in range(len(instants))] or instants[0].minute:
        raise ValueError("hours that do not follow one another")
    return instants


def _told(place: Mapping[str, Any], variable: str, count: int) -> dict[str, list[float | None]]:
    """Return a variable's hours of every member that tells it; the control run must, of snow not even that."""
    hourly, units, ours = place["hourly"], place["hourly_units"], VARIABLES[variable]
    if variable not in hourly and ours != NOT_BY_ALL:
        raise KeyError(variable)
    members = [key.removeprefix(variable) for key in hourly if key.startswith(variable)]
    named = [member for member in members if MEMBER.fullmatch(member)]
    return {member: column(hourly[variable + member], units[variable + member], ours, count) for member in named}
