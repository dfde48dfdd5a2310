"""Open-Meteo's ensemble service: the days ahead, foreseen by every member of one model's ensemble.

`GET /v1/ensemble`: a variable comes once for the control run, under its own name, and once for each further member as
`temperature_2m_member01`, `..._member02` and so on. All variables tell the same members. Units are the declared ones.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from firewatch.adapters.open_meteo_service import Service, column, places_of, times
from firewatch.errors import BadInput
from firewatch.indices.checks import Floats
from firewatch.outlook.members import Ensemble, Members
from firewatch.weather.feeds import FeedDown, Payload, Point

VARIABLES: Mapping[str, str] = {
    "temperature_2m": "temp_c",
    "relative_humidity_2m": "rh_pct",
    "precipitation": "rain_mm",  # of the hour before, as ours
    "wind_speed_10m": "wind_kmh",
    "snow_depth": "snow_depth_cm",
}
MEMBER = re.compile(r"_member(\d{2,3})$")
HOUR = timedelta(hours=1)


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
    start, tables = told[0]
    shape = tables["temp_c"].shape
    if any(other != start or table["temp_c"].shape != shape for other, table in told):
        raise FeedDown("answered other hours or members for one place than for another")
    # From (members, hours) of each place to (hours, members, points).
    values = {name: np.stack([table[name].T for _, table in told], axis=2) for name in tables}
    if np.isnan(values["temp_c"]).all():
        raise FeedDown("answered without a single temperature")
    return Members(model, now.replace(minute=0, second=0, microsecond=0), start - HOUR, values)


def _place(place: Any) -> tuple[datetime, dict[str, Floats]]:  # noqa: ANN401 - JSON
    """Return the first instant of a place, and the variables as arrays of shape (members, hours)."""
    try:
        if "reason" in place:
            raise FeedDown(str(place["reason"])[:200])
        instants = _in_order(times(place))
        names = ["", *sorted(found[0] for key in place["hourly"] if (found := _member_of(key, "temperature_2m")))]
        return instants[0], {ours: _table(place, key, names, len(instants)) for key, ours in VARIABLES.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError) as error:
        raise FeedDown(f"answered half or in another shape ({type(error).__name__}: {str(error)[:80]})") from None
    except BadInput as error:
        raise FeedDown(str(error)) from None


def _in_order(instants: list[datetime]) -> list[datetime]:
    if [at - instants[0] for at in instants] != [n * HOUR for n in range(len(instants))] or instants[0].minute:
        raise ValueError("hours that do not follow one another")
    return instants


def _member_of(key: str, variable: str) -> re.Match[str] | None:
    return MEMBER.search(key) if key.startswith(f"{variable}_member") else None


def _table(place: Mapping[str, Any], variable: str, names: Sequence[str], count: int) -> Floats:
    """Return a variable of every member, NaN where missing: of snow, which not all models tell, also altogether."""
    hourly, units = place["hourly"], place["hourly_units"]
    if variable == "snow_depth" and any(f"{variable}{name}" not in hourly for name in names):
        return np.full((len(names), count), np.nan)
    ours = VARIABLES[variable]
    keys = [f"{variable}{name}" for name in names]
    return np.array([column(hourly[key], units[key], ours, count) for key in keys], dtype=np.float64)
