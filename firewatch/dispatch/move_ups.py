"""Move-ups: who could stand by where a plan leaves a zone's reserve short. Pure.

A proposal to the duty officer, not a part of the plan: nobody is ordered anywhere by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from firewatch.dispatch.objectives import reserve_gaps
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Crew, Problem, Reserve, Vehicle


@dataclass(frozen=True)
class MoveUp:
    """A vehicle, with a crew that it picks up or with those aboard, that could stand by in a zone after `minutes`."""

    reserve: str
    vehicle: str
    crew: str | None
    people: int
    minutes: float


def move_ups(problem: Problem, trips: Sequence[PlannedTrip]) -> list[MoveUp]:
    """Answer who could move up to each zone that is short, the heaviest zone first and the soonest there first.

    Nobody is taken from a zone that would itself be short then, and nobody twice. Where nobody is left to move, a zone
    stays short.
    """
    zones = {zone.id: zone for zone in problem.reserves}
    waiting = _Waiting(problem, trips)
    short = {gap.reserve: gap.short for gap in reserve_gaps(problem, trips)}
    moves = []
    for zone in sorted((zones[name] for name in short), key=lambda zone: (-zone.weight, zone.id)):
        lacking = short[zone.id]
        while lacking > 0 and (move := waiting.soonest(zone)) is not None:
            waiting.take(move)
            moves.append(move)
            lacking -= move.people
    return moves


class _Waiting:
    """Who is sent nowhere, and how many people every zone can count on."""

    def __init__(self, problem: Problem, trips: Sequence[PlannedTrip]) -> None:
        vehicles, crews = {trip.vehicle for trip in trips}, {crew for trip in trips for crew in trip.crews}
        self._problem = problem
        self._vehicles = {each.id: each for each in problem.vehicles if each.id not in vehicles}
        self._crews = {each.id: each for each in problem.crews if each.may_attack and each.id not in crews}
        self._present = {zone.id: sum(self._people(zone)) for zone in problem.reserves}

    def soonest(self, zone: Reserve) -> MoveUp | None:
        """Answer the move that is there first, ties by names; None when nobody can be spared."""
        return min(self._moves(zone), key=lambda move: (move.minutes, move.vehicle, move.crew or ""), default=None)

    def take(self, move: MoveUp) -> None:
        """Take those who move out of all counts."""
        gone: Sequence[Vehicle | Crew] = [
            self._vehicles.pop(move.vehicle),
            *([self._crews.pop(move.crew)] if move.crew is not None else []),
        ]
        for zone in self._problem.reserves:
            self._present[zone.id] -= sum(self._counting(each) for each in gone if self._reaches(each, zone))

    def _moves(self, zone: Reserve) -> Iterator[MoveUp]:
        for vehicle in self._vehicles.values():
            travel = self._problem.travel_of(vehicle)
            direct = vehicle.turnout + travel(vehicle.place, zone.place)
            if vehicle.crew > 0 and direct < inf and self._spared([vehicle], zone):
                yield MoveUp(zone.id, vehicle.id, None, vehicle.crew, direct)
            for crew in self._crews.values():
                at = max(vehicle.turnout + travel(vehicle.place, crew.place), crew.turnout)
                minutes = at + travel(crew.place, zone.place)
                if crew.people <= vehicle.free_seats and minutes < inf and self._spared([vehicle, crew], zone):
                    yield MoveUp(zone.id, vehicle.id, crew.id, vehicle.crew + crew.people, minutes)

    def _spared(self, moving: Sequence[Vehicle | Crew], zone: Reserve) -> bool:
        """Whether those who move are not within reach already, and no zone is left short by it that is not now."""
        if any(self._counting(each) > 0 and self._reaches(each, zone) for each in moving):
            return False
        loss: Mapping[str, int] = {
            other.id: sum(self._counting(each) for each in moving if self._reaches(each, other))
            for other in self._problem.reserves
        }
        return all(
            loss[other.id] == 0 or self._present[other.id] - loss[other.id] >= other.people
            for other in self._problem.reserves
        )

    def _people(self, zone: Reserve) -> Iterator[int]:
        all_waiting: list[Vehicle | Crew] = [*self._vehicles.values(), *self._crews.values()]
        for each in all_waiting:
            if self._reaches(each, zone):
                yield self._counting(each)

    def _reaches(self, each: Vehicle | Crew, zone: Reserve) -> bool:
        return self._problem.travel(each.place, zone.place) <= zone.within

    @staticmethod
    def _counting(each: Vehicle | Crew) -> int:
        return each.people if isinstance(each, Crew) else each.crew
