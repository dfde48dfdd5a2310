"""First attack and use: the last steps of a search, once every fire has its time (dispatch.md §3, §4; ADR 0005).

Trips are columns now (`columns`). Whole numbers are asked for over the trips that were worth a look without them; that
mostly answers. Only where it does not, or to prove a sum the smallest, every trip is asked that may still matter.
"""

from collections.abc import Sequence
from hashlib import blake2s
from operator import getitem

import numpy as np

from firewatch.dispatch.asking import (
    OutOfTime,
    Search,
    by_tours,
    first_that_does,
    first_that_may,
    served_so_far,
)
from firewatch.dispatch.columns import Columns
from firewatch.dispatch.cover import SLACK
from firewatch.dispatch.kinds import Division
from firewatch.dispatch.made import Made, made
from firewatch.dispatch.milp import Outcome, SolverFailed
from firewatch.dispatch.plan import trip_id
from firewatch.dispatch.pricing import Bound, relax
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.rival import Rival, below
from firewatch.dispatch.tours import NONE, Tours
from firewatch.indices.checks import Floats, Ints

MANY = 3_000
"""Trips; from so many on it is worth while to look first which of them the needs leave no room for."""
FEW = 1_000
"""Trips; so many are asked all together at once."""
ENOUGH = 0.5
"""How far from the smallest a sum may be that only shows that there is a plan."""
SETTLED, OPEN = "settled", "open"
"""Whether another search would come to the very same plan, and not only to one as good."""
SUPPOSED = ((0.02, 8_000), (0.1, 15_000))
"""By what part of its bound the smallest sum is supposed to lie above it at the most, and among how many trips.

Where it does not, the next is supposed.
"""
TIES = 0.25
"""Of the seconds that are left, at the most spent on that."""


def first_attacks(state: Search) -> None:
    """Find the first arrivals, fire after fire."""
    proof = state.proof["first_attack"] = {}
    columns = _columns(state)
    for fire in range(len(state.pool.fires)):
        proof[state.pool.fires[fire].id] = _first_attack(state, columns, fire)


def _first_attack(state: Search, columns: Columns, fire: int) -> dict[str, float | None]:
    """Find the smallest time of a fire's first arrival; return the certificate."""
    times = np.unique(columns.lists[fire].arrives)
    earliest = state.best.earliest(fire)
    known = len(times) if earliest is None else int(np.searchsorted(times, earliest))
    state.refuse(Objective.FIRST_ATTACK, fire, float(times[0]) if len(times) else None)  # sooner there is nobody

    def may(which: int) -> bool:
        columns.ask_first(fire, float(times[which]))
        if _relaxed(state, columns).value <= SLACK:
            return True
        state.refuse(Objective.FIRST_ATTACK, fire, float(times[which]))
        return False

    def does(which: int) -> int | None:
        columns.ask_first(fire, float(times[which]))
        if not _any(state, columns):
            return None
        return int(np.searchsorted(times, state.best.earliest(fire) or 0.0))

    found = first_that_does(first_that_may(0, known, may), known, does)
    best = known if found is None else found
    name = state.pool.fires[fire].id
    if best == len(times):
        columns.ask_first(fire, None)
        state.bounds[Objective.FIRST_ATTACK, name] = np.inf
        return {"feasible": None, "infeasible": None}
    state.first[fire] = state.bounds[Objective.FIRST_ATTACK, name] = float(times[best])
    columns.ask_first(fire, state.first[fire])
    return {"feasible": float(times[best]), "infeasible": float(times[best - 1]) if best else None}


def _any(state: Search, columns: Columns) -> bool:
    """Return whether there is a plan that holds what is held; keep it."""
    for trips in (columns.candidates(), columns.all_left()):
        answer, times = columns.whole(trips, state.remaining(), gap=ENOUGH)
        if times is not None:
            _keep(state, columns, times)
            return True
        if answer.outcome is Outcome.STOPPED:
            raise OutOfTime
    return False


def use(state: Search) -> tuple[float, float]:
    """Make the sum of all arrivals as small as it can be; return it and its bound."""
    columns = _columns(state)
    bound = _relaxed(state, columns, [tours.arrives for tours in columns.lists])
    least = state.bounds[Objective.USE, ""] = bound.value
    ceiling = _ceiling(state, columns, bound, *SUPPOSED[0])
    trips = below(columns, bound, ceiling)
    if sum(map(len, trips)) <= FEW:
        answer, times = columns.whole(trips, state.remaining())
        if answer.outcome is Outcome.INFEASIBLE and ceiling >= state.best.minutes():
            raise SolverFailed  # the best plan is one of these
        _keep_better(state, columns, times)
        least = min(ceiling, answer.bound)
    if not _is_proven(state, least):
        least = _raced(state, columns, bound)
    if _is_proven(state, least):
        state.proof["ties"] = SETTLED if _settle_ties(state, columns, bound) else OPEN
    return state.best.minutes(), max(bound.value, min(least, state.best.minutes()))


def _is_proven(state: Search, least: float) -> bool:
    return state.best.minutes() - least <= SLACK * max(1.0, abs(least))


def _ceiling(state: Search, columns: Columns, bound: Bound, part: float, most: int) -> float:
    """Return below which sum to look: what is supposed, or what is known, or as many trips as are not too many."""
    ceiling = min(state.best.minutes(), bound.value * (1 + part))
    none = np.zeros(0)
    dear = np.sort(np.concatenate([none, *map(getitem, bound.reduced, columns.left)]))
    return ceiling if len(dear) <= most else min(ceiling, bound.value + float(dear[most]))


def _raced(state: Search, columns: Columns, bound: Bound) -> float:
    """Look for the smallest sum in two ways at once; return what no sum falls below."""
    rival, least = Rival(columns, bound, state.best.minutes(), state.remaining()), bound.value
    try:
        for supposed in SUPPOSED:
            ceiling = _ceiling(state, columns, bound, *supposed)
            division = Division(columns, bound, below(columns, bound, ceiling), ceiling)
            least = max(least, _least(state, columns, division, rival))
            if least < ceiling or _is_proven(state, least):
                return least
        rival.wait()
        return max(least, _heard(state, columns, rival))
    finally:
        rival.stop()


def _least(state: Search, columns: Columns, division: Division, rival: Rival) -> float:
    """Look for plans by a division until that, or the rival, is at its end; return what no sum falls below."""
    heard = -np.inf
    while True:
        for times in division.search(lambda: 0.0 if rival.has_news() else state.remaining()):
            _keep_better(state, columns, times)
            rival.known = min(rival.known, state.best.minutes())
        if not rival.has_news():
            return max(heard, division.bound())
        heard = max(heard, _heard(state, columns, rival))
        if _is_proven(state, heard):
            return heard
        division.narrow(state.best.minutes())


def _heard(state: Search, columns: Columns, rival: Rival) -> float:
    """Keep what the rival has found; return what it says that no sum falls below."""
    least = -np.inf
    while (news := rival.news()) is not None:
        _keep_better(state, columns, news.times)
        least = max(least, news.bound)
    return least


def _settle_ties(state: Search, columns: Columns, bound: Bound) -> bool:
    """Of all plans that are as good, take the one whose trips' lots weigh least; return whether there was time."""
    minutes = state.best.minutes()
    some = below(columns, bound, minutes)
    lots = [_lots(state, fire, columns.lists[fire].some(which)) for fire, which in enumerate(some)]
    times = columns.least_of_equals(some, lots, minutes, TIES * state.remaining())
    if times is not None:
        _keep(state, columns, times)
    return times is not None


def _lots(state: Search, fire: int, tours: Tours) -> Floats:
    """Return the lot of each trip, from 0 to 1: made of its id alone, so that nothing else has a part in it."""
    pool = state.pool
    stops = [group.one.id for group in pool.stops]
    lots = np.zeros(len(tours))
    for n, (vehicle, mine) in enumerate(zip(tours.vehicle.tolist(), tours.stops.tolist(), strict=True)):
        names = sorted(stops[stop] for stop in mine if stop != NONE)
        name = trip_id(pool.vehicles[vehicle].one.id, pool.fires[fire].id, names)
        lots[n] = int.from_bytes(blake2s(name.encode(), digest_size=4).digest()) / 2**32
    return lots


def _keep_better(state: Search, columns: Columns, times: Sequence[Ints] | None) -> None:
    """Keep trips whose arrivals sum up to less than those of the best plan so far."""
    if times is None:
        return
    minutes = sum(float(tours.arrives @ often) for tours, often in zip(columns.lists, times, strict=True))
    if minutes < state.best.minutes():
        _keep(state, columns, times)


def _keep(state: Search, columns: Columns, times: Sequence[Ints]) -> None:
    state.keep(made(columns.lists, times))
    columns.look_at([each > 0 for each in times])


def _columns(state: Search) -> Columns:
    """Return the model of what is held; the same as before where nothing else is."""
    if state.columns is None or state.columns.held != state.held:
        lists = by_tours(served_so_far(state, state.tours)) or []
        state.columns = Columns(state.pool, lists, state.held)
        for fire, minute in state.first.items():
            state.columns.ask_first(fire, minute)
        state.columns.look_at([times > 0 for times in _times(lists, state.best)])
        if sum(map(len, lists)) > MANY:
            _prune(state, state.columns)
    return state.columns


def _prune(state: Search, columns: Columns) -> None:
    """Leave out trips that no plan makes: with one of them some need could not be met as far as it has to be.

    Asked for what no depot has: how much could be brought at the most, and how much less with a trip in it.
    """
    kept = {name for depot in state.pool.depots for name in depot.one.stock}
    for fire, mine in enumerate(columns.fires):
        for c, (name, need) in enumerate(state.pool.needs(fire).items()):
            if name in kept:
                continue
            costs = [np.zeros(len(tours)) for tours in columns.lists]
            costs[fire] = -mine.brings[:, c]
            most = _relaxed(state, columns, costs)
            may_lack = (state.held[Objective.SHORTAGE] + SLACK) * need / state.pool.fires[fire].weight
            room = may_lack - need - most.value + SLACK * need
            columns.left = [left & (beyond <= room) for left, beyond in zip(columns.left, most.reduced, strict=True)]


def _relaxed(state: Search, columns: Columns, costs: Sequence[Floats] | None = None) -> Bound:
    bound = relax(columns, costs, state.remaining)
    if bound is None:
        raise OutOfTime
    return bound


def _times(lists: Sequence[Tours], best: Made) -> list[Ints]:
    """Return how often the best plan makes each trip of the lists."""
    found = [np.zeros(len(tours), dtype=np.int64) for tours in lists]
    for tours, times, mine, often in zip(lists, found, best.tours, best.times, strict=True):
        for vehicle, stops, number in zip(mine.vehicle, np.sort(mine.stops, axis=1), often, strict=True):
            same = np.flatnonzero(tours.vehicle == vehicle)
            times[same[(np.sort(tours.stops[same], axis=1) == stops).all(axis=1)]] += number
    return found
