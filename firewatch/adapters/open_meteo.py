"""Open-Meteo's forecast service: one request for all points, analysed hours and forecast in one answer.

Hours up to now are ANALYSED, later ones FORECAST. The service does not tell which model run an hour comes from, so:
a forecast is issued at the hour it was fetched in; an analysed hour carries its own end as issue time, and a later
answer that has changed its mind replaces the value in place (`ingest.store`). So a repeat changes nothing, a newer
forecast beats an older one, and within this source an analysis, always the newest issue of its hour, beats them all.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from firewatch.adapters.open_meteo_service import Service, column, places_of, times
from firewatch.errors import BadInput
from firewatch.rulebook.weather import OpenMeteoFeed
from firewatch.weather.feeds import FeedDown, Payload, Point, Reading, WeatherFeed
from firewatch.weather.models import ValueKind
from firewatch.weather.units import rh_from_dew_point

MOST_PAST_DAYS = 92

# Ten variables or fewer count as one request. The order is that of the request.
VARIABLES: Mapping[str, str] = {
    "temperature_2m": "temp_c",
    "relative_humidity_2m": "rh_pct",
    "dew_point_2m": "dew_point_c",
    "precipitation": "rain_mm",  # of the hour before, as ours
    "wind_speed_10m": "wind_kmh",
    "wind_gusts_10m": "gust_kmh",
    "wind_direction_10m": "wind_dir_deg",
    "snow_depth": "snow_depth_cm",
}

Values = dict[str, list[float | None]]


class OpenMeteo(WeatherFeed):
    """The feed: one request for all points."""

    def __init__(
        self,
        rules: OpenMeteoFeed,
        base_url: str,
        timeout_seconds: float = 15.0,
        attempts: int = 3,
        first_wait_seconds: float = 1.0,
        longest_wait_seconds: float = 30.0,
    ) -> None:
        self.id: str = rules.id
        self.kind: str = "open_meteo"
        self.note: str = ""
        self._rules = rules
        url = f"{base_url.rstrip('/')}/v1/forecast"
        self._service = Service(url, timeout_seconds, attempts, first_wait_seconds, longest_wait_seconds)

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        """Return all hours from the days asked for to the end of the forecast. Raises FeedDown."""
        return parse(self._service.ask(self._query(points, since, now)), points, now)

    def payloads(self) -> list[Payload]:
        """Hand over what came over the wire."""
        return self._service.payloads()

    def _query(self, points: Sequence[Point], since: datetime | None, now: datetime) -> dict[str, str]:
        return {
            **places_of(points),
            "hourly": ",".join(VARIABLES),
            "wind_speed_unit": "ms",
            "timezone": "UTC",
            "past_days": str(self._past_days(since, now)),
            "forecast_days": str(self._rules.forecast_days),
        }

    def _past_days(self, since: datetime | None, now: datetime) -> int:
        if since is None:
            return self._rules.first_days
        # The service counts whole days of UTC back from today.
        gap_days = (now.astimezone(UTC).date() - since.astimezone(UTC).date()).days
        return min(max(self._rules.past_days, gap_days), MOST_PAST_DAYS)


def parse(
    document: object,
    points: Sequence[Point],
    now: datetime,
    variables: Mapping[str, str] = VARIABLES,
    *,
    empty_ok: bool = False,
) -> list[Reading]:
    """Turn an answer into readings, one for each point and hour that has any value. Raises FeedDown.

    A list answers several points, an object one. Units are the declared ones, converted or refused. Not a single value
    is an outage, unless `empty_ok`: an archive ends some days before today.
    """
    places = document if isinstance(document, list) else [document]
    if len(places) != len(points):
        raise FeedDown(f"answered for {len(places)} places, asked for {len(points)}")
    readings = [
        reading
        for point, place in zip(points, places, strict=True)
        for reading in _readings(place, point, now, variables)
    ]
    if not readings and not empty_ok:
        raise FeedDown("answered without a single value")
    return readings


def _readings(place: Any, point: Point, now: datetime, variables: Mapping[str, str]) -> list[Reading]:  # noqa: ANN401 - JSON
    try:
        if "reason" in place:
            raise FeedDown(str(place["reason"])[:200])
        instants = times(place)
        units, hourly = place["hourly_units"], place["hourly"]
        values = {name: column(hourly[key], units[key], name, len(instants)) for key, name in variables.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FeedDown(f"answered half or in another shape ({type(error).__name__}: {str(error)[:80]})") from None
    except BadInput as error:
        raise FeedDown(str(error)) from None
    return _hours(point, now, _model(place), instants, values)


def _model(place: Mapping[str, Any]) -> str:
    """Name the origin, with the grid cell that answered in place of the point."""
    cell = (place.get("latitude"), place.get("longitude"), place.get("elevation"))
    if not all(isinstance(number, int | float) for number in cell):
        return "best_match"
    return "best_match {:.3f},{:.3f} {:.0f} m".format(*cell)


def _hours(point: Point, now: datetime, model: str, times: Sequence[datetime], values: Values) -> list[Reading]:
    fetched_hour = now.replace(minute=0, second=0, microsecond=0)
    readings = []
    for number, valid_at in enumerate(times):
        known = {name: column[number] for name, column in values.items()}
        temp_c, dew_point_c = known.get("temp_c"), known.pop("dew_point_c", None)
        if known.get("rh_pct") is None and temp_c is not None and dew_point_c is not None:
            known["rh_pct"] = rh_from_dew_point(temp_c, dew_point_c)
        if any(value is not None for value in known.values()):
            past = valid_at <= now
            kind, issued_at = (ValueKind.ANALYSED, valid_at) if past else (ValueKind.FORECAST, fetched_hour)
            readings.append(Reading(point.id, kind, valid_at, issued_at, model, **known))
    return readings
