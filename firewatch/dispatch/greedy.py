"""The greedy method: a plan at once, good enough to send (dispatch.md §4).

Fires by falling weight, ties by id; for each, again and again the trip that removes most shortage per minute of its
arrival, until nothing is short or nothing helps. Ties go to fewer stops, then to the smaller trip id. Agency plays
no part; the reserve and other fires are not looked at.

Three things keep it quick:

* **Lazy evaluation.** What a trip can remove only falls while trips are sent (shortages and stocks fall), so the last
  known rate of a vehicle bounds its present one: only vehicles whose bound leads are searched again. The first
  bound takes the direct drive as the earliest arrival, true wherever no detour is faster than the direct way, and the
  fullest crews and depots there are as its stops; a table that breaks this still gives a plan that holds, but perhaps
  not the greediest trip.
* **Rows of numbers.** What all crews, depots or vehicles would remove, and the minutes by each as the only stop, are
  computed side by side; in the order of the plain sums, so that not a bit differs.
* **Few stops.** For each vehicle only the best KEPT_CREWS crews and KEPT_DEPOTS depots, each judged by its own rate
  as the only stop, are combined. With no more than that many that help, nothing is lost; with more, a combination of
  stops that are poor alone may be missed. Measured on 60 seeded problems of 160 resources against 16 crews and 10
  depots: the shortage is always the same, the plan as a whole better in 22, worse in 19. A crew or depot that brings
  nothing needed is no stop, save a crew to man an empty vehicle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf

import numpy as np

from firewatch.dispatch.explain import passed_over
from firewatch.dispatch.objectives import evaluate, reserve_gaps, shortages
from firewatch.dispatch.one_stop import SOONEST, Ways, best_rates, sum_of_most
from firewatch.dispatch.plan import Plan, PlannedTrip, Status
from firewatch.dispatch.problem import PEOPLE, Crew, Depot, Incident, Problem, Vehicle
from firewatch.dispatch.trips import Trip, crew_sets, depot_sets, fastest
from firewatch.indices.checks import Bools, Floats, Ints

KEPT_CREWS = 5
KEPT_DEPOTS = 3
ROUNDED = 1 + 1e-9
"""A bound is raised by so much: it is added up in another order than what it bounds."""

Units = list[int]
"""Quantities of the capabilities a fire needs, in the order of `_Fire.capabilities`."""


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
    """What is not sent yet: vehicles and crews by id, and what is left in each depot; and how far all are apart."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.crews = {crew.id: crew for crew in problem.crews}
        self.stock = {depot.id: dict(depot.stock) for depot in problem.depots}
        self.ways = Ways(problem)


@dataclass(frozen=True)
class _Offer:
    """A trip a vehicle could make now, with its crews and depots, and the shortage it removes, also per minute."""

    removed: float
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
        ways, place = pool.ways, incident.place
        self.crew_units = self._matrix([crew.brings for crew in ways.crews])
        self._row = {crew.id: n for n, crew in enumerate(ways.crews)}
        self._row |= {depot.id: n for n, depot in enumerate(ways.depots)}  # no crew has a depot's id
        self._from_crews, self._from_depots = ways.to(place)
        self._fastest: dict[tuple[str, ...], Trip | None] = {}
        self._refresh()

    def bounds(self, vehicles: Sequence[Vehicle]) -> list[float]:
        """Answer for each vehicle a rate that no trip of it exceeds.

        By several stops nothing arrives sooner than by one of them, and no more shortage is removed than by all alone:
        so the rates of the best single stops add up to a bound.
        """
        if not vehicles:
            return []
        limits, ways = self.problem.limits, self.pool.ways
        own = self._removed_by(self._matrix([each.brings for each in vehicles]), np.zeros(len(vehicles), np.int64), [])
        seats = np.array([[each.free_seats] for each in vehicles])
        worth = np.where(self.waiting & (ways.people <= seats), self.crew_worth, 0.0)
        crews = worth / np.maximum(ways.by_crews(vehicles) + self._from_crews[ways.classes(vehicles)], SOONEST)
        loads = np.array([self._worth_of_depots(each.load) for each in vehicles])
        depots = loads / np.maximum(ways.by_depots(vehicles) + self._from_depots[ways.classes(vehicles)], SOONEST)
        soonest = np.array([self._soonest(each) for each in vehicles])
        rates = own / soonest
        rates += sum_of_most(crews, limits.crews_per_trip)
        rates += sum_of_most(depots, limits.depots_per_trip)
        return [float(rate) for rate in rates * ROUNDED]

    def best_offer(self, vehicle: Vehicle) -> _Offer | None:
        """Answer the vehicle's best trip with what is left in the pool; None when nothing it can do helps."""
        limits = self.problem.limits
        crews, depots = self._near_crews(vehicle), self._near_depots(vehicle)
        every = [
            (who, where)
            for where in depot_sets([depot for depot, _ in depots], limits.depots_per_trip)
            for who in crew_sets(vehicle, [crew for crew, _ in crews], limits.crews_per_trip)
        ]
        removed = self._removed_by_trips(vehicle, every)
        # Nothing arrives sooner than by the direct way, or than by any one of its stops.
        single = {crew.id: at for crew, at in crews if at < inf} | {depot.id: at for depot, at in depots if at < inf}
        soonest = self._soonest(vehicle)
        at_least = [
            max([soonest, *(single.get(each.id, 0.0) for each in who), *(single.get(each.id, 0.0) for each in where)])
            for who, where in every
        ]
        bound = removed * ROUNDED / np.array(at_least)
        best: _Offer | None = None
        for which in np.argsort(-bound, kind="stable"):
            if removed[which] <= 0 or (best is not None and bound[which] < best.rate):
                break
            offer = self._offer(float(removed[which]), vehicle, *every[which])
            if offer is not None and (best is None or offer.rank < best.rank):
                best = offer
        return best

    def still_leads(self, offer: _Offer) -> bool:
        """Whether an offer removes as much as when it was made: it is its vehicle's best still, as others only fall."""
        if any(crew.id not in self.pool.crews for crew in offer.crews):
            return False
        _, left = self._loaded(offer)
        removed = 0.0
        for worth, short, after in zip(self.worth, self.short, left, strict=True):
            removed += worth * (short - after)
        return removed == offer.removed

    def send(self, offer: _Offer) -> _Sent:
        """Take the vehicle, its crews and its load out of the pool, and what it brings off the shortages."""
        load, self.short = self._loaded(offer)
        for depot, units in load.items():
            for capability, taken in units.items():
                self._return(depot, capability, -taken)
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
        ways = self.pool.ways
        self.stock = self._matrix([self.pool.stock[depot.id] for depot in ways.depots])
        self.waiting: Bools = np.array([crew.id in self.pool.crews for crew in ways.crews], dtype=np.bool_)
        self.crew_worth = self._removed_by(self.crew_units, np.zeros(len(ways.crews), dtype=np.int64), [])
        self._depot_worth: dict[int, Floats] = {}

    def _matrix(self, amounts: Sequence[Mapping[str, int]]) -> Ints:
        """Answer quantities of the capabilities that are needed, a row for each."""
        return np.array([self._units(each) for each in amounts], dtype=np.int64).reshape(len(amounts), len(self.worth))

    def _loaded(self, offer: _Offer) -> tuple[dict[str, dict[str, int]], Units]:
        """Answer what a trip would load at each depot now, and what is short after it."""
        room, after = offer.vehicle.load, []
        load: dict[str, dict[str, int]] = {depot.id: {} for depot in offer.depots}
        for short, capability in zip(self.short, self.capabilities, strict=True):
            left = max(0, short - self._provided([offer], capability))
            for depot, units in load.items():
                units[capability] = min(left, room, self.pool.stock[depot].get(capability, 0))
                left -= units[capability]
                room -= units[capability]
            after.append(left)
        return load, after

    def _removed_by_trips(self, vehicle: Vehicle, every: Sequence[tuple[Sequence[Crew], Sequence[Depot]]]) -> Floats:
        """Answer the weighted shortage that a vehicle's trips by some crews and depots remove."""
        nothing = np.zeros((1, len(self.worth)), dtype=np.int64)
        crews, depots = np.concatenate([self.crew_units, nothing]), np.concatenate([self.stock, nothing])
        limits, own = self.problem.limits, np.array(self._units(vehicle.brings), dtype=np.int64)
        who = self._rows([[crew.id for crew in who] for who, _ in every], limits.crews_per_trip)
        where = self._rows([[depot.id for depot in where] for _, where in every], limits.depots_per_trip)
        brought, stocks = own + crews[who].sum(axis=1), depots[where]
        room = np.full(len(every), vehicle.load, dtype=np.int64)
        return self._removed_by(brought, room, [stocks[:, n] for n in range(stocks.shape[1])])

    def _rows(self, stops: Sequence[Sequence[str]], most: int) -> Ints:
        """Answer the rows of some crews or depots; the last row, which is of nobody, fills up."""
        filled = [[*(self._row[name] for name in each), *[-1] * (most - len(each))] for each in stops]
        return np.array(filled, dtype=np.int64).reshape(len(stops), most)

    def _removed_by(self, brought: Ints, room: Ints, stocks: Sequence[Ints]) -> Floats:
        """Answer, row by row, the weighted shortage removed by what is brought and by `room` units of the stocks."""
        removed, room = np.zeros(len(brought)), room.copy()
        for i, short in enumerate(self.short):
            if short == 0:
                continue
            left = np.maximum(short - brought[:, i], 0)
            for stock in stocks:
                taken = np.minimum(np.minimum(left, room), stock[:, i])
                left -= taken
                room -= taken
            removed += self.worth[i] * (short - left)
        return removed

    def _soonest(self, vehicle: Vehicle) -> float:
        """Answer the minutes of the direct way, before which nothing of the vehicle arrives."""
        direct = vehicle.turnout + self.problem.travel_of(vehicle)(vehicle.place, self.incident.place)
        # With no direct way there may still be one by a stop.
        return SOONEST if direct == inf else max(direct, SOONEST)

    def _offer(
        self, removed: float, vehicle: Vehicle, crews: tuple[Crew, ...], depots: tuple[Depot, ...]
    ) -> _Offer | None:
        trip = self._trip(vehicle, crews, depots)
        if trip is None:
            return None
        return _Offer(removed, removed / max(trip.arrives, SOONEST), trip, vehicle, crews, depots)

    def _trip(self, vehicle: Vehicle, crews: tuple[Crew, ...], depots: tuple[Depot, ...]) -> Trip | None:
        stops: tuple[Crew | Depot, ...] = (*crews, *depots)
        key = (vehicle.id, *(stop.id for stop in stops))
        if key not in self._fastest:
            self._fastest[key] = fastest(self.problem.travel_of(vehicle), vehicle, stops, self.incident)
        return self._fastest[key]

    def _near_crews(self, vehicle: Vehicle) -> list[tuple[Crew, float]]:
        """Answer the crews with the best rates as the only stop, and when they arrive; idle ones come last."""
        ways = self.pool.ways
        useful = (self.crew_worth > 0) | (ways.people > 0) if vehicle.crew == 0 else self.crew_worth > 0
        fitting = np.flatnonzero(useful & self.waiting & (ways.people <= vehicle.free_seats))
        minutes = ways.by_crews([vehicle])[0, fitting] + self._from_crews[ways.classes([vehicle])[0], fitting]
        best = best_rates(self.crew_worth[fitting], minutes, KEPT_CREWS)
        return [(ways.crews[fitting[n]], float(minutes[n])) for n in best]

    def _near_depots(self, vehicle: Vehicle) -> list[tuple[Depot, float]]:
        """Answer the depots with the best rates as the only stop, and when the vehicle then arrives."""
        ways, worth = self.pool.ways, self._worth_of_depots(vehicle.load)
        useful = np.flatnonzero(worth > 0)
        minutes = ways.by_depots([vehicle])[0, useful] + self._from_depots[ways.classes([vehicle])[0], useful]
        best = best_rates(worth[useful], minutes, KEPT_DEPOTS)
        return [(ways.depots[useful[n]], float(minutes[n])) for n in best]

    def _worth_of_depots(self, load: int) -> Floats:
        """Answer the weighted shortage that a load of so many units from each depot alone removes."""
        if load not in self._depot_worth:
            room = np.full(len(self.stock), load, dtype=np.int64)
            self._depot_worth[load] = self._removed_by(np.zeros_like(self.stock), room, [self.stock])
        return self._depot_worth[load]


def _serve(pool: _Pool, incident: Incident) -> list[PlannedTrip]:
    """Send trips to one fire until nothing is short or nothing helps."""
    fire = _Fire(pool, incident)
    sent: list[_Sent] = []
    # Rank first; an entry without an offer, or with one made before the last trip was sent, is only a bound.
    vehicles = list(pool.vehicles.values())
    queue: list[tuple[tuple[float, int, str], str, int, _Offer | None]] = [
        ((-bound, 0, ""), vehicle.id, 0, None) for vehicle, bound in zip(vehicles, fire.bounds(vehicles), strict=True)
    ]
    heapify(queue)
    while queue and any(fire.short):
        _, vehicle, made, offer = heappop(queue)
        if offer is not None and (made == len(sent) or fire.still_leads(offer)):
            sent.append(fire.send(offer))
            continue
        found = fire.best_offer(pool.vehicles[vehicle])
        if found is not None:
            heappush(queue, (found.rank, vehicle, len(sent), found))
    return fire.settle(sent)
