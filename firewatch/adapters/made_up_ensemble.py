"""An ensemble that nobody computed, for the demonstration: the made-up season, foreseen by members that err.

Each member errs in its own way, the more the further ahead: where it is too warm it is too dry as well, and it has a
wind of its own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from firewatch.indices.checks import Floats
from firewatch.outlook.members import Ensemble, Members
from firewatch.weather import made_up
from firewatch.weather.feeds import Point

HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOURS = 9 * 24
DRIER_PCT = 3.0
"""Per degree that a member is too warm."""
WINDIER = 0.12
"""Share of the wind, per degree of an error drawn by itself."""


class MadeUpEnsemble(Ensemble):
    """Members around the made-up season, the same for the same seed and issue."""

    def __init__(self, seed: int = 1, members: int = 20) -> None:
        self.id: str = "made-up-ensemble"
        self.note: str = "made-up season"
        self._seed, self._members = seed, members

    def fetch(self, points: Sequence[Point], now: datetime) -> Members:
        """Return the hours from now on; issued every six hours, as the season's forecast is."""
        first = (now - EPOCH) // HOUR
        issued = first - first % 6
        told = [self._point(point, first + 1, issued) for point in points]
        values = {name: np.stack([table[name] for table in told], axis=2) for name in told[0]}
        model = f"made-up, {self._members} members"
        return Members(model, EPOCH + issued * HOUR, EPOCH + first * HOUR, values)

    def _point(self, point: Point, first: int, issued: int) -> dict[str, Floats]:
        """Return a point's hours by quantity, shape (hours, members)."""
        hours = made_up.season(point, first, HOURS, self._seed)
        warmer, windier = (
            np.stack([made_up.forecast_error(point, first, HOURS, issued, seed) for seed in self._seeds(offset)], 1)
            for offset in (1, 501)
        )
        kept = {name: np.repeat(getattr(hours, name)[:, np.newaxis], self._members, axis=1) for name in KEPT}
        return {
            **kept,
            "temp_c": hours.temp_c[:, np.newaxis] + warmer,
            "rh_pct": np.clip(hours.rh_pct[:, np.newaxis] - DRIER_PCT * warmer, 2.0, 100.0),
            "wind_kmh": hours.wind_kmh[:, np.newaxis] * np.exp(WINDIER * windier),
        }

    def _seeds(self, offset: int) -> range:
        begin = 1000 * self._seed + offset
        return range(begin, begin + self._members)


KEPT = ("rain_mm", "snow_depth_cm")
"""In which all members agree: rain that falls elsewhere would take a season of its own."""
