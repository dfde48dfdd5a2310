"""The greedy method: a plan at once, good enough to send (dispatch.md §4).

Fires by falling weight, ties by id; for each, again and again the trip that removes most shortage per minute of its
arrival, until nothing is short or nothing helps. Ties go to fewer stops, then to the smaller trip id. Agency plays
no part; the reserve and other fires are not looked at.

It is quick because `offers` looks at all trips to a fire side by side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages
from firewatch.dispatch.offers import Left, Offer, Offers
from firewatch.dispatch.plan import Plan, PlannedTrip, Status
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Incident, Problem, Vehicle
from firewatch.dispatch.trips import Trip, fastest
from firewatch.dispatch.ways import Ways


def plan_greedily(problem: Problem) -> Plan:
    """Answer the greedy plan; its `seconds` are 0, the caller holds the clock."""
    pool = _Pool(problem)
    trips = [trip for incident in problem.ranked_incidents() for trip in _serve(pool, incident)]
    trips.sort(key=lambda trip: trip.id)
    return Plan(
        status=Status.FEASIBLE,
        objectives=evaluate(problem, trips),
        trips=trips,
        shortages=shortages(problem, trips),
        reserve_gaps=reserve_gaps(problem, trips),
        passed_over=passed_over(problem, trips),
        proof={"method": "greedy"},
    )


class _Pool:
    """What is not sent yet: which vehicles and crews, and what is left in each depot; and how far all are apart."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.ways = problem, Ways(problem)
        self.vehicles = np.ones(len(self.ways.vehicles), dtype=np.bool_)
        self.stops = np.ones(self.ways.nobody + 1, dtype=np.bool_)
        self.stock = {depot.id: dict(depot.stock) for depot in self.ways.depots}
        self.vehicle_number = {each.id: n for n, each in enumerate(self.ways.vehicles)}
        self.stop_number = {each.id: n for n, each in enumerate(self.ways.stops)}

    def take(self, depot: str, capability: str, units: int) -> None:
        """Take units out of a depot, or put them back where `units` is negative."""
        stock = self.stock[depot]
        stock[capability] = stock.get(capability, 0) - units


@dataclass(frozen=True)
class _Sent:
    """An offer taken, and its load by depot and capability, which later trips may still reduce."""

    offer: Offer
    load: dict[str, dict[str, int]]


class _Fire:
    """One fire while it is served: what is short, and what was sent."""

    def __init__(self, pool: _Pool, incident: Incident) -> None:
        # The smallest need first: a unit of it removes most shortage, so it has first call on a vehicle's load.
        needs = sorted((need, capability) for capability, need in incident.needs.items() if need > 0)
        self.pool, self.problem, self.incident = pool, pool.problem, incident
        self.capabilities = [capability for _, capability in needs]
        short = np.array([need for need, _ in needs], dtype=np.int64)
        stock = np.zeros((len(needs), pool.ways.nobody + 1), dtype=np.int64)
        for depot, units in pool.stock.items():
            stock[:, pool.stop_number[depot]] = [units.get(name, 0) for name in self.capabilities]
        self.left = Left(pool.vehicles, pool.stops, stock, short)
        self.offers = Offers(pool.ways, pool.problem.limits, incident, self.capabilities, self.left)

    def send(self, offer: Offer) -> _Sent:
        """Take the vehicle, its crews and its load out of the pool, and what it brings off the shortages."""
        room, load = offer.vehicle.load, {depot.id: dict[str, int]() for depot in offer.depots}
        for i, capability in enumerate(self.capabilities):
            lacking = max(0, int(self.left.short[i]) - _provided([offer], capability))
            for depot, units in load.items():
                units[capability] = min(lacking, room, self.pool.stock[depot].get(capability, 0))
                self.pool.take(depot, capability, units[capability])
                self.left.stock[i, self.pool.stop_number[depot]] -= units[capability]
                lacking -= units[capability]
                room -= units[capability]
            self.left.short[i] = lacking
        self.pool.vehicles[self.pool.vehicle_number[offer.vehicle.id]] = False
        for crew in offer.crews:
            self.pool.stops[self.pool.stop_number[crew.id]] = False
        self.offers.refresh()
        return _Sent(offer, load)

    def settle(self, sent: Sequence[_Sent]) -> list[PlannedTrip]:
        """Answer the trips, less what was loaded before a later one brought the same; the last to arrive gives up."""
        last_first = sorted(sent, key=lambda each: (-each.offer.trip.arrives, each.offer.trip.id))
        for capability in self.capabilities:
            provided = _provided([each.offer for each in sent], capability)
            loads = [(depot, units) for each in last_first for depot, units in each.load.items()]
            lacking = max(0, self.incident.needs[capability] - provided)
            surplus = max(0, sum(units[capability] for _, units in loads) - lacking)
            for depot, units in loads:
                back = min(surplus, units[capability])
                units[capability] -= back
                surplus -= back
                self.pool.take(depot, capability, -back)
        return [self._planned(each) for each in sent]

    def _planned(self, sent: _Sent) -> PlannedTrip:
        """Write down a trip, without the depots that have nothing left to load unless they lie on the fastest way."""
        offer = sent.offer
        load = {
            depot: {capability: units for capability, units in sorted(taken.items()) if units > 0}
            for depot, taken in sorted(sent.load.items())
            if any(taken.values())
        }
        shorter = self._trip(offer.vehicle, offer.crews, tuple(d for d in offer.depots if d.id in load))
        trip = shorter if shorter is not None and shorter.arrives <= offer.trip.arrives else offer.trip
        crews = {crew.id for crew in offer.crews}
        return PlannedTrip(
            vehicle=trip.vehicle,
            incident=trip.incident,
            stops=trip.stops,
            crews=tuple(stop for stop in trip.stops if stop in crews),
            load=load,
            people=_provided([offer], PEOPLE),
            arrives=trip.arrives,
        )

    def _trip(self, vehicle: Vehicle, crews: tuple[Crew, ...], depots: tuple[Depot, ...]) -> Trip | None:
        return fastest(self.problem.travel_of(vehicle), vehicle, (*crews, *depots), self.incident)


def _provided(offers: Iterable[Offer], capability: str) -> int:
    """Answer what vehicles and crews provide, loads not counted."""
    brought = [who for offer in offers for who in (offer.vehicle.brings, *(crew.brings for crew in offer.crews))]
    return sum(amounts.get(capability, 0) for amounts in brought)


def _serve(pool: _Pool, incident: Incident) -> list[PlannedTrip]:
    """Send trips to one fire until nothing is short or nothing helps."""
    fire, sent = _Fire(pool, incident), list[_Sent]()
    while fire.left.short.any() and (offer := fire.offers.best()) is not None:
        sent.append(fire.send(offer))
    return fire.settle(sent)
