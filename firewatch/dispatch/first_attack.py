"""The first attack: how soon somebody who may fight a fire could be at a point. Pure.

A first attack is so many people who may attack, in a vehicle: those aboard of it, or these and a crew that it picks
up. Two people in the cab of a carrier are none; they become one with the crew that they fetch.
"""

from collections.abc import Collection, Iterator, Mapping
from math import inf

from firewatch.dispatch.problem import Problem
from firewatch.dispatch.travel import Place, Soonest, Start, Travel
from firewatch.roads.closed import Closure
from firewatch.roads.graph import Floats


def starts(problem: Problem, spots: Mapping[str, Place], people: int) -> list[Start]:
    """Answer where a first attack of at least so many people could set out from, and when at the earliest.

    `spots` says where the places of the problem are. A vehicle leaves after its turnout, or from a crew's place once
    both are there and ready; of all that could leave one spot the first is named.
    """
    ready: dict[Place, float] = {}
    for place, minutes in _ready(problem, people):
        spot = spots[place]
        ready[spot] = min(minutes, ready.get(spot, inf))
    return sorted(Start(spot, minutes) for spot, minutes in ready.items() if minutes < inf)


def minutes(
    from_where: Collection[Start], travel: Travel, lat: Floats, lon: Floats, closures: Collection[Closure]
) -> Soonest:
    """Answer the minutes until the first could be at each point: turnout and travel; infinite when nobody could."""
    return travel.soonest(sorted(from_where), lat, lon, closures)


def _ready(problem: Problem, people: int) -> Iterator[tuple[str, float]]:
    """Answer, for each first attack that could be put together, where it sets out to the fire and when."""
    crews = [crew for crew in problem.crews if crew.may_attack]
    for vehicle in problem.vehicles:
        if vehicle.crew >= people:
            yield vehicle.place, vehicle.turnout
        for crew in crews:
            if crew.people <= vehicle.free_seats and vehicle.crew + crew.people >= people:
                yield (
                    crew.place,
                    max(vehicle.turnout + problem.travel(vehicle.place, crew.place, vehicle.speed_class), crew.turnout),
                )
