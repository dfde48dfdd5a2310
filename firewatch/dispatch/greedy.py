"""The greedy method: a plan at once, good enough to send (dispatch.md §4).

Fires by falling weight, ties by id; for each, again and again the trip that removes most shortage per minute of its
arrival, until nothing is short or nothing helps. Ties go to fewer stops, then to the smaller trip id. Agency plays
no part; the reserve and other fires are not looked at.

Two things keep it quick:

* **Lazy evaluation.** What a trip can remove only falls while trips are sent (shortages and stocks fall), so the last
  known rate of a vehicle bounds its present one: only vehicles whose bound leads are searched again. The first
  bound takes the direct drive as the earliest arrival, true wherever no detour is faster than the direct way; a table
  that breaks this still gives a plan that holds, but perhaps not the greediest trip.
* **Few stops.** For each vehicle only the best KEPT_CREWS crews and KEPT_DEPOTS depots, each judged by its own rate
  as the only stop, are combined. With no more than that many that help, nothing is lost; with more, a combination of
  stops that are poor alone may be missed. Measured on 60 seeded problems of 160 resources against 16 crews and 10
  depots: the shortage is always the same, the plan as a whole better in 22, worse in 19. A crew or depot that brings
  nothing needed is no stop, save a crew to man an empty vehicle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, nsmallest
from math import inf
from typing import TypeVar

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages
from firewatch.dispatch.plan import Plan, PlannedTrip, Status
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Incident, Problem, Vehicle
from firewatch.dispatch.trips import Trip, arrival, crew_sets, depot_sets, fastest

KEPT_CREWS = 5
KEPT_DEPOTS = 3
SOONEST = 1e-6
"""Minutes; an arrival at 0 counts as this, so that among several at 0 the one that brings most goes first."""

Units = list[int]
"""Quantities of the capabilities a fire needs, in the order of `_Fire.capabilities`."""
Stop = TypeVar("Stop", Crew, Depot)


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
    """What is not sent yet: vehicles and crews by id, and what is left in each depot."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.crews = {crew.id: crew for crew in problem.crews}
        self.stock = {depot.id: dict(depot.stock) for depot in problem.depots}


@dataclass(frozen=True)
class _Offer:
    """A trip a vehicle could make now, with its crews and depots, and the shortage it removes per minute."""

    rate: float
    trip: Trip
    vehicle: Vehicle
    crews: tuple[Crew, ...]
    depots: tuple[Depot, ...]

    @property
    def rank(self) -> tuple[float, int, str]:
        """The best offer has the smallest."""
        return (-self.rate, len(self.trip.stops), self.trip.id)


@dataclass(frozen=True)
class _Sent:
    """An offer taken, and its load by depot and capability, which later trips may still reduce."""

    offer: _Offer
    load: dict[str, dict[str, int]]


class _Fire:
    """One fire while it is served: what is short, and the best trip each vehicle could make now."""

    def __init__(self, pool: _Pool, incident: Incident) -> None:
        needs = sorted((need, capability) for capability, need in incident.needs.items() if need > 0)
        self.pool, self.problem, self.incident = pool, pool.problem, incident
        # The smallest need first: a unit of it removes most shortage, so it has first call on a vehicle's load.
        self.capabilities = [capability for _, capability in needs]
        self.worth = [incident.weight / need for need, _ in needs]
        self.short: Units = [need for need, _ in needs]
        self.crew_units = {crew.id: self._units(crew.brings) for crew in pool.crews.values()}
        self._fastest: dict[tuple[str, ...], Trip | None] = {}
        self._refresh()

    def bound(self, vehicle: Vehicle) -> float:
        """Answer a rate that no trip of the vehicle exceeds: all that is short, by the direct way."""
        seats = max(vehicle.seats, vehicle.crew)
        named = zip(self.capabilities, self.short, strict=True)
        most = [min(short, seats) if capability == PEOPLE else short for capability, short in named]
        return self._removed([most]) / self._soonest(vehicle)

    def best_offer(self, vehicle: Vehicle) -> _Offer | None:
        """Answer the vehicle's best trip with what is left in the pool; None when nothing it can do helps."""
        limits, own, soonest = self.problem.limits, self._units(vehicle.brings), self._soonest(vehicle)
        near_crews, near_depots = self._near_crews(vehicle), self._near_depots(vehicle)
        best: _Offer | None = None
        for crews in crew_sets(vehicle, near_crews, limits.crews_per_trip):
            brought = [own, *(self.crew_units[crew.id] for crew in crews)]
            for depots in depot_sets(near_depots, limits.depots_per_trip):
                removed = self._removed(brought, vehicle.load, depots)
                if removed <= 0 or (best is not None and removed / soonest < best.rate):
                    continue
                offer = self._offer(removed, vehicle, crews, depots)
                if offer is not None and (best is None or offer.rank < best.rank):
                    best = offer
        return best

    def send(self, offer: _Offer) -> _Sent:
        """Take the vehicle, its crews and its load out of the pool, and what it brings off the shortages."""
        room = offer.vehicle.load
        load: dict[str, dict[str, int]] = {depot.id: {} for depot in offer.depots}
        for i, capability in enumerate(self.capabilities):
            left = max(0, self.short[i] - self._provided([offer], capability))
            for depot, units in load.items():
                units[capability] = min(left, room, self.stock[depot][i])
                left -= units[capability]
                room -= units[capability]
                self._return(depot, capability, -units[capability])
            self.short[i] = left
        del self.pool.vehicles[offer.vehicle.id]
        for crew in offer.crews:
            del self.pool.crews[crew.id]
        self._refresh()
        return _Sent(offer, load)

    def settle(self, sent: Sequence[_Sent]) -> list[PlannedTrip]:
        """Answer the trips, less what was loaded before a later one brought the same; the last to arrive gives up."""
        last_first = sorted(sent, key=lambda each: (-each.offer.trip.arrives, each.offer.trip.id))
        for capability in self.capabilities:
            provided = self._provided([each.offer for each in sent], capability)
            loads = [(depot, units) for each in last_first for depot, units in each.load.items()]
            lacking = max(0, self.incident.needs[capability] - provided)
            surplus = max(0, sum(units[capability] for _, units in loads) - lacking)
            for depot, units in loads:
                back = min(surplus, units[capability])
                units[capability] -= back
                surplus -= back
                self._return(depot, capability, back)
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
            people=self._provided([offer], PEOPLE),
            arrives=trip.arrives,
        )

    def _units(self, amounts: Mapping[str, int]) -> Units:
        return [amounts.get(capability, 0) for capability in self.capabilities]

    def _provided(self, offers: Iterable[_Offer], capability: str) -> int:
        """Answer what vehicles and crews provide, loads not counted."""
        brought = [who for offer in offers for who in (offer.vehicle.brings, *(c.brings for c in offer.crews))]
        return sum(amounts.get(capability, 0) for amounts in brought)

    def _return(self, depot: str, capability: str, units: int) -> None:
        stock = self.pool.stock[depot]
        stock[capability] = stock.get(capability, 0) + units

    def _refresh(self) -> None:
        """Work out again what depends on the pool and the shortages but on no vehicle."""
        self.stock = {depot: self._units(stock) for depot, stock in self.pool.stock.items()}
        self.crew_worth = {crew: self._removed([self.crew_units[crew]]) for crew in self.pool.crews}
        self._depot_worth: dict[int, list[tuple[float, Depot]]] = {}

    def _removed(self, brought: Sequence[Units], room: int = 0, depots: Iterable[Depot] = ()) -> float:
        """Answer the weighted shortage removed by what is brought and by `room` units loaded from the depots."""
        stocks = [self.stock[depot.id] for depot in depots]
        removed = 0.0
        for i, short in enumerate(self.short):
            left = short
            for units in brought:
                left -= units[i]
            left = max(0, left)
            for stock in stocks:
                taken = min(left, room, stock[i])
                left -= taken
                room -= taken
            removed += self.worth[i] * (short - left)
        return removed

    def _soonest(self, vehicle: Vehicle) -> float:
        """Answer the minutes of the direct way, before which nothing of the vehicle arrives."""
        direct = vehicle.turnout + self.problem.travel(vehicle.place, self.incident.place)
        # With no direct way there may still be one by a stop.
        return SOONEST if direct == inf else max(direct, SOONEST)

    def _offer(
        self, removed: float, vehicle: Vehicle, crews: tuple[Crew, ...], depots: tuple[Depot, ...]
    ) -> _Offer | None:
        trip = self._trip(vehicle, crews, depots)
        if trip is None:
            return None
        return _Offer(removed / max(trip.arrives, SOONEST), trip, vehicle, crews, depots)

    def _trip(self, vehicle: Vehicle, crews: tuple[Crew, ...], depots: tuple[Depot, ...]) -> Trip | None:
        stops: tuple[Crew | Depot, ...] = (*crews, *depots)
        key = (vehicle.id, *(stop.id for stop in stops))
        if key not in self._fastest:
            self._fastest[key] = fastest(self.problem.travel, vehicle, stops, self.incident)
        return self._fastest[key]

    def _near_crews(self, vehicle: Vehicle) -> list[Crew]:
        fitting = [
            (self.crew_worth[crew.id], crew)
            for crew in self.pool.crews.values()
            if crew.people <= vehicle.free_seats
            and (self.crew_worth[crew.id] > 0 or (vehicle.crew == 0 and crew.people > 0))
        ]
        return self._best(vehicle, fitting, KEPT_CREWS)

    def _near_depots(self, vehicle: Vehicle) -> list[Depot]:
        if vehicle.load not in self._depot_worth:
            worth = [(self._removed([], vehicle.load, [depot]), depot) for depot in self.problem.depots]
            self._depot_worth[vehicle.load] = [each for each in worth if each[0] > 0]
        return self._best(vehicle, self._depot_worth[vehicle.load], KEPT_DEPOTS)

    def _best(self, vehicle: Vehicle, stops: Iterable[tuple[float, Stop]], keep: int) -> list[Stop]:
        """Answer the stops with the best rates as the only stop; those that bring nothing by the soonest arrival."""
        ranked = []
        for worth, stop in stops:
            minute = arrival(self.problem.travel, vehicle, (stop,), self.incident)
            ranked.append((-worth / max(minute, SOONEST), minute, stop.id, stop))
        return [stop for *_, stop in nsmallest(keep, ranked, key=lambda each: each[:3])]


def _serve(pool: _Pool, incident: Incident) -> list[PlannedTrip]:
    """Send trips to one fire until nothing is short or nothing helps."""
    fire = _Fire(pool, incident)
    sent: list[_Sent] = []
    # Rank first; an entry without an offer, or with one made before the last trip was sent, is only a bound.
    queue: list[tuple[tuple[float, int, str], str, int, _Offer | None]] = [
        ((-fire.bound(vehicle), 0, ""), vehicle.id, 0, None) for vehicle in pool.vehicles.values()
    ]
    heapify(queue)
    while queue and any(fire.short):
        _, vehicle, made, offer = heappop(queue)
        if offer is not None and made == len(sent):
            sent.append(fire.send(offer))
            continue
        found = fire.best_offer(pool.vehicles[vehicle])
        if found is not None:
            heappush(queue, (found.rank, vehicle, len(sent), found))
    return fire.settle(sent)
