"""The greedy method's short cuts against the rule written out plainly: equal choices on every problem."""

from dataclasses import replace

from hypothesis import given

from firewatch.dispatch.greedy import plan_greedily
from firewatch.dispatch.offers import SOONEST
from firewatch.dispatch.problem import Crew, Depot, Problem, Vehicle
from firewatch.dispatch.trips import Trip, enumerate_trips
from tests.unit.dispatch_cases import problems


class PlainRule:
    """The rule without any of the short cuts: for each trip sent, every trip there is is looked at anew.

    Serves one fire; nothing is unloaded again.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.fire = problem, problem.incidents[0]
        self.short = {name: need for name, need in self.fire.needs.items() if need > 0}
        self.order = sorted(self.short, key=lambda name: (self.fire.needs[name], name))
        self.vehicles = {each.id: each for each in problem.vehicles}
        self.crews = {each.id: each for each in problem.crews}
        self.depots = {each.id: each for each in problem.depots}

    def choices(self) -> list[tuple[str, frozenset[str]]]:
        """Vehicle and crews of every trip sent, in order."""
        chosen = []
        while any(self.short.values()) and (found := self.candidates()):
            trip = min(found, key=lambda each: each[:3])[-1]
            self.send(trip)
            chosen.append((trip.vehicle, frozenset(trip.stops) - set(self.depots)))
        return chosen

    def candidates(self) -> list[tuple[float, int, str, Trip]]:
        left = replace(
            self.problem,
            vehicles=list(self.vehicles.values()),
            crews=list(self.crews.values()),
            depots=list(self.depots.values()),
        )
        found = []
        for trip in enumerate_trips(left):
            removed = self.removed(*self.parts(trip))[0]
            if removed > 0 and not self.idle_stops(trip):
                found.append((-removed / max(trip.arrives, SOONEST), len(trip.stops), trip.id, trip))
        return found

    def parts(self, trip: Trip) -> tuple[Vehicle, list[Crew], list[Depot]]:
        who = [self.crews[stop] for stop in trip.stops if stop in self.crews]
        return self.vehicles[trip.vehicle], who, [self.depots[stop] for stop in trip.stops if stop in self.depots]

    def removed(
        self, vehicle: Vehicle, who: list[Crew], where: list[Depot]
    ) -> tuple[float, dict[str, dict[str, int]], dict[str, int]]:
        """Shortage removed, the load, and what is short afterwards."""
        room, removed, load, after = vehicle.load, 0.0, {depot.id: dict[str, int]() for depot in where}, {}
        for name in self.order:
            left = self.short[name] - vehicle.brings.get(name, 0) - sum(crew.brings.get(name, 0) for crew in who)
            left = max(0, left)
            for depot in where:
                load[depot.id][name] = min(left, room, depot.stock.get(name, 0))
                left -= load[depot.id][name]
                room -= load[depot.id][name]
            removed += self.fire.weight / self.fire.needs[name] * (self.short[name] - left)
            after[name] = left
        return removed, load, after

    def idle_stops(self, trip: Trip) -> bool:
        """Does it stop where nothing needed is, other than to man an empty vehicle?"""
        vehicle, who, where = self.parts(trip)
        bare = replace(vehicle, crew=0, provides={})
        idle_crew = any(not self.removed(bare, [crew], [])[0] for crew in who)
        return (idle_crew and vehicle.crew > 0) or any(not self.removed(bare, [], [depot])[0] for depot in where)

    def send(self, trip: Trip) -> None:
        vehicle, who, where = self.parts(trip)
        _, load, self.short = self.removed(vehicle, who, where)
        del self.vehicles[vehicle.id]
        for crew in who:
            del self.crews[crew.id]
        for depot in where:
            rest = {name: units - load[depot.id].get(name, 0) for name, units in depot.stock.items()}
            self.depots[depot.id] = replace(depot, stock=rest)


@given(problems(fires=1))
def test_the_short_cuts_find_what_the_plain_rule_finds(problem: Problem) -> None:
    plan = plan_greedily(problem)
    assert {(trip.vehicle, frozenset(trip.crews)) for trip in plan.trips} == set(PlainRule(problem).choices())
