"""What a search has come to: trips of groups, and how often each is made. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.tours import NONE, Tours
from firewatch.indices.checks import Ints


@dataclass(frozen=True)
class Made:
    """Trips to all fires: by fire its tours and how often each is made, at least once."""

    tours: tuple[Tours, ...]
    times: tuple[Ints, ...]

    def minutes(self) -> float:
        """Return the sum of all arrivals."""
        return float(sum((each.arrives * times).sum() for each, times in zip(self.tours, self.times, strict=True)))

    def latest(self, fire: int) -> float:
        """Return when the last trip of a fire arrives; 0 without any."""
        return float(self.tours[fire].arrives.max(initial=0.0))

    def earliest(self, fire: int) -> float | None:
        """Return when the first trip of a fire arrives; None without any."""
        return float(self.tours[fire].arrives.min()) if len(self.tours[fire]) else None


def made(lists: Sequence[Tours], times: Sequence[Ints]) -> Made:
    """Return those tours of some lists that are made at all."""
    return Made(
        tuple(each.some(count > 0) for each, count in zip(lists, times, strict=True)),
        tuple(count[count > 0] for count in times),
    )


def of_plan(pool: Pool, trips: Sequence[PlannedTrip]) -> Made:
    """Return the trips of a plan as those of groups."""
    vehicle = {each.id: n for n, group in enumerate(pool.vehicles) for each in group.members}
    stop = {each.id: n for n, group in enumerate(pool.stops) for each in group.members}
    most = pool.problem.limits.crews_per_trip + pool.problem.limits.depots_per_trip
    lists = []
    for fire in pool.fires:
        mine = [trip for trip in trips if trip.incident == fire.id]
        stops = [[stop[name] for name in trip.stops] + [NONE] * (most - len(trip.stops)) for trip in mine]
        lists.append(
            Tours(
                np.array([vehicle[trip.vehicle] for trip in mine], dtype=np.int64),
                np.array(stops, dtype=np.int64).reshape(len(mine), most),
                np.array([trip.arrives for trip in mine], dtype=np.float64),
            )
        )
    return Made(tuple(lists), tuple(np.ones(len(each), dtype=np.int64) for each in lists))
