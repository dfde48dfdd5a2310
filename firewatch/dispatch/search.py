"""The optimiser: the best joint plan, objective after objective, each with its proof (dispatch.md §3, §4; ADR 0005).

1. **Shortage and reserve** do not depend on time. The cover model over any trips at all gives a value that no plan goes
   below; the resources it picks are then put into real trips. Where that works the value is proven.
2. **Completion times**, the heaviest fire first. At a time τ every trip slower than τ is forbidden for this fire, the
   fires before it keep their times, those after it are served at any time. Feasible at τ and infeasible at the next
   smaller arrival is the certificate.
3. **First attack, use**: now every fire has a time, its list of trips is complete, and the model is exact.

A stage that runs out of time, or whose resources cannot be put into real trips, leaves the plan feasible: the value so
far, the bound, and the gap between them are told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.cover import FARTHEST, SLACK, Cover, Sent
from firewatch.dispatch.made import Made, made, of_plan
from firewatch.dispatch.milp import Outcome, SolverFailed
from firewatch.dispatch.objectives import evaluate
from firewatch.dispatch.parts import Apart
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.tours import TooMany, Tours, helpful, tours, undominated, who
from firewatch.indices.checks import Bools

WIDEN = 1.25
"""By how much the horizon grows from one try to the next."""
LOW_SHARE = 6
"""A completion time is looked for at this part of the span from below: to refuse a time costs the solver a twentieth of
what it costs to meet one."""
NEAR_ENOUGH = 0.5
ENOUGH = 0.5
"""How far from the nearest and from the shortest a set of trips may be that only shows that there is one."""
MOST_TOURS = 200_000
"""To one fire; a list that would be longer is cut, and the plan told as not proven."""
FAR = 480.0
"""Minutes; where a cut list begins to be tried."""

Remaining = Callable[[], float]
"""The seconds that are left."""


@dataclass
class Search:
    """One search: what holds so far, the best trips, and the proof."""

    pool: Pool
    remaining: Remaining
    best: Made
    held: dict[str, float] = field(default_factory=dict)
    limits: list[float | None] = field(default_factory=list)
    first: dict[int, float] = field(default_factory=dict)
    proof: dict[str, Any] = field(default_factory=dict)
    known: dict[str, float] = field(default_factory=dict)
    """What the best trips come to while they are those of the plan to start with."""
    gaps: list[float | None] = field(default_factory=list)
    """Of the stages that are not proven, in their order; None where there is no bound."""
    anew: bool = False
    """Whether no fire is served at any time any more: the promises of that were once broken."""
    _tours: dict[tuple[int, float], Tours] = field(default_factory=dict)

    def keep(self, trips: Made) -> None:
        """Take some trips for the best."""
        self.best, self.known = trips, {}

    def tours(self, fire: int, horizon: float) -> Tours:
        """Return the trips that reach a fire in time, those asked for before from memory."""
        key = fire, horizon
        if key not in self._tours:
            self._tours[key] = tours(self.pool, fire, horizon, most=MOST_TOURS)
        return self._tours[key]

    def helping(self, fire: int, horizon: float) -> Tours:
        """Return those of the trips that bring something the fire needs."""
        found = self.tours(fire, horizon)
        return found.some(helpful(self.pool, fire, found))

    def enough(self, fire: int, horizon: float) -> Tours:
        """Return as many of those as tell whether a fire can be served by that very time."""
        return undominated(self.pool, self.helping(fire, horizon))


class OutOfTime(Exception):
    """The seconds are over."""


class Broken(Exception):
    """Nothing fits any more: what was promised to be served at any time is not to be had by trips."""


def search(pool: Pool, remaining: Remaining, start: Sequence[PlannedTrip] = ()) -> Search:
    """Return the best trips found, with what is proven of them; `start` are the trips of a plan that holds."""
    known = evaluate(pool.problem, start)
    state = Search(pool, remaining, of_plan(pool, start), limits=[None] * len(pool.fires))
    state.known = {"shortage": known.shortage, "reserve": known.reserve}
    steps: Mapping[Objective, Callable[[Search], None]] = {
        Objective.SHORTAGE: lambda s: _total(s, "shortage"),
        Objective.RESERVE: lambda s: _total(s, "reserve"),
        Objective.COMPLEMENT: _complements,
        Objective.FIRST_ATTACK: _first_attacks,
        Objective.USE: _use,
    }
    try:
        for objective in pool.problem.objectives:
            steps[objective](state)
    except (OutOfTime, TooMany, Broken, SolverFailed):
        state.gaps.append(None)
    return state


def _total(state: Search, what: str) -> None:
    """Make the shortage or the reserve as small as it can be."""
    served = _served(state, state.tours)
    answer = _solved(state, served, Ask(what))
    value, bound = answer.objective, answer.bound
    if state.known.get(what, np.inf) > value + SLACK:
        lists = _by_tours(served)
        trips = _made(lists, answer) if lists is not None else _real(state, served, {**state.held, what: value})
        if trips is None:
            # Trips cannot do what any-time service could: the best of all trips there are, if they can be listed.
            lists, complete = _listed(state, served)
            answer = _solved(state, lists, Ask(what))
            trips, value = _made(lists, answer), answer.objective
            bound = answer.bound if complete else bound
        state.keep(trips)
    _settle(state, what, value, bound)


def _use(state: Search) -> None:
    """Make the sum of all arrivals as small as it can be; tours chosen are told apart until none costs more."""
    served = _by_tours(_served(state, state.tours)) or []
    rides = [who(state.pool, each) for each in served]
    single = [np.zeros(len(each), bool) for each in served]
    while True:
        answer = _solved(state, served, Ask("use", single=tuple(single)))
        state.keep(_made(served, answer))
        value = state.best.minutes()
        if value <= answer.objective + SLACK * max(1.0, value) or answer.outcome is not Outcome.OPTIMAL:
            return _settle(state, "use", value, answer.bound)
        for fire, times in enumerate(answer.made or ()):
            single[fire] |= np.isin(rides[fire], rides[fire][times > 0])


def _settle(state: Search, what: str, value: float, bound: float) -> None:
    state.held[what], state.proof[what] = value, {"value": value, "bound": bound}
    if value - bound > SLACK * max(1.0, abs(value)):
        state.gaps.append((value - bound) / max(abs(value), SLACK))


def _complements(state: Search) -> None:
    """Find the completion times; where promises break, once more with every trip there is, if they can be listed."""
    try:
        _complements_in_turn(state)
    except Broken:
        state.anew, state.limits = True, [None] * len(state.pool.fires)
        _complements_in_turn(state)


def _complements_in_turn(state: Search) -> None:
    proof = state.proof["complement"] = {}
    for fire in range(len(state.pool.fires)):
        proof[state.pool.fires[fire].id] = _complement(state, fire)
        _keep_real(state)


def _complement(state: Search, fire: int) -> dict[str, float | None]:
    """Find the smallest time by which a fire can have all it gets; return the certificate."""
    if _fits(state, fire, None) is not None:
        state.limits[fire] = 0.0
        return {"feasible": None, "infeasible": None}
    # Widen until it fits: then the smallest such time lies among the arrivals since the last that did not. All of them:
    # by a shorter horizon trips are enough that by a longer one others make superfluous.
    known, horizon = -1.0, _soonest(state.pool, fire)  # what is known not to fit
    while (latest := _fits(state, fire, horizon)) is None:
        if horizon > FARTHEST:
            raise Broken
        known, horizon = horizon, max(horizon * WIDEN, horizon + 1.0)
    times = np.unique(state.helping(fire, latest).arrives)  # of every trip that helps
    low, high = int(np.searchsorted(times, known, side="right")), int(np.searchsorted(times, latest))
    while low < high:
        middle = low + (high - low) // LOW_SHARE
        latest = _fits(state, fire, float(times[middle]))
        if latest is None:
            low = middle + 1
        else:
            high = int(np.searchsorted(times, latest))
    state.limits[fire] = float(times[high])
    return {"feasible": float(times[high]), "infeasible": float(times[high - 1]) if high else None}


def _fits(state: Search, fire: int, horizon: float | None) -> float | None:
    """Return when the last trip arrives in some service of a fire by a time (None: by nobody) that holds what is held.

    None when there is no such service. Later fires are served at any time; once none is left the trips are real.
    """
    served = _served(state, state.enough)
    served[fire] = mine = state.enough(fire, -1.0 if horizon is None else horizon)
    answer = _solved(state, served, Ask())
    if answer.made is None:
        return None
    lists = _by_tours(served)
    if lists is not None:
        state.keep(_made(lists, answer))
    return float(mine.arrives[answer.made[fire] > 0].max(initial=0.0))


def _keep_real(state: Search) -> None:
    """Try to have real trips within the times found so far, for the case that the seconds do not last to the end."""
    served = _served(state, state.enough)
    trips = _real(state, served, state.held) if _by_tours(served) is None else None
    if trips is not None:
        state.keep(trips)


def _first_attacks(state: Search) -> None:
    proof = state.proof["first_attack"] = {}
    served = _by_tours(_served(state, state.tours)) or []
    for fire in range(len(state.pool.fires)):
        proof[state.pool.fires[fire].id] = _first_attack(state, served, fire)


def _first_attack(state: Search, served: list[Tours], fire: int) -> dict[str, float | None]:
    """Find the smallest time of a fire's first arrival; return the certificate."""
    times = np.unique(served[fire].arrives)
    earliest = state.best.earliest(fire)
    low, high = 0, len(times) if earliest is None else int(np.searchsorted(times, earliest))
    while low < high:
        middle = (low + high) // 2
        answer = _solved(state, served, Ask(first=(fire, float(times[middle]))))
        if answer.outcome is Outcome.INFEASIBLE:
            low = middle + 1
            continue
        state.keep(_made(served, answer))
        high = int(np.searchsorted(times, state.best.earliest(fire) or 0.0))
    if high == len(times):
        return {"feasible": None, "infeasible": None}
    state.first[fire] = float(times[high])
    return {"feasible": float(times[high]), "infeasible": float(times[high - 1]) if high else None}


def _served(state: Search, by: Callable[[int, float], Tours]) -> list[Tours | None]:
    """Return by what each fire is served: tours within its time, or None, at any time, where it has none yet."""
    whole = np.inf if state.anew else None
    times = [whole if limit is None else limit for limit in state.limits]
    return [None if time is None else by(fire, time) for fire, time in enumerate(times)]


def _by_tours(served: Sequence[Tours | None]) -> list[Tours] | None:
    """Return the lists where every fire is served by tours; None where one is served at any time."""
    lists = [each for each in served if each is not None]
    return lists if len(lists) == len(served) else None


@dataclass(frozen=True)
class Ask:
    """A question to the cover model, beside what is held."""

    minimise: str | None = None
    gap: float = 0.0
    first: tuple[int, float] | None = None
    """A fire and the time by which something has to be there."""
    single: tuple[Bools, ...] = ()
    """By fire, the tours whose own minutes count."""


def _solved(state: Search, served: Sequence[Tours | None], ask: Ask, held: Mapping[str, float] | None = None) -> Sent:
    first = {**state.first, **dict([ask.first] if ask.first else [])}
    single: list[Bools | None] = [
        None
        if each is None
        else (each.arrives <= first.get(fire, -1.0)) | (ask.single[fire] if ask.single else np.zeros(len(each), bool))
        for fire, each in enumerate(served)
    ]
    cover = Cover(state.pool, served, single)
    for what, value in (state.held if held is None else held).items():
        cover.hold(what, value)
    for fire, minute in first.items():
        there = served[fire]
        if there is not None:
            cover.ask_one(fire, there.arrives <= minute)
    try:
        answer = cover.solve(ask.minimise, state.remaining(), ask.gap)
    except Apart:
        every = tuple(np.ones(0 if each is None else len(each), bool) for each in served)
        return _solved(state, served, replace(ask, single=every), held)
    if answer.outcome is Outcome.STOPPED and answer.made is None:
        raise OutOfTime
    return answer


def _real(state: Search, served: Sequence[Tours | None], held: Mapping[str, float]) -> Made | None:
    """Return real trips for fires served at any time; None when the nearest resources that would do go into none."""
    near = _solved(state, served, Ask("distance", NEAR_ENOUGH), held)
    if near.made is None:
        return None
    lists = [_chosen(state.pool, fire, near) if each is None else each for fire, each in enumerate(served)]
    real = _solved(state, lists, Ask("use", ENOUGH), held)
    return None if real.made is None else _made(lists, real)


def _chosen(pool: Pool, fire: int, answer: Sent) -> Tours:
    found = tours(pool, fire, np.inf, answer.choices[fire])
    return undominated(pool, found.some(helpful(pool, fire, found)))


def _listed(state: Search, served: Sequence[Tours | None]) -> tuple[list[Tours], bool]:
    """Return a list of trips for every fire, and whether it is complete: else it holds what is near."""
    lists, complete = [], True
    for fire, each in enumerate(served):
        if each is not None:
            lists.append(each)
            continue
        near, whole = _near(state, fire)
        lists.append(near)
        complete = complete and whole
    return lists, complete


def _near(state: Search, fire: int) -> tuple[Tours, bool]:
    try:
        return state.enough(fire, np.inf), True
    except TooMany:
        horizon = FAR
    while True:
        try:
            return state.enough(fire, horizon), False
        except TooMany:
            horizon /= WIDEN


def _made(lists: Sequence[Tours], answer: Sent) -> Made:
    return made(lists, answer.made or ())


def _soonest(pool: Pool, fire: int) -> float:
    """Return when the first vehicle could be there, at the least."""
    ways = [
        group.one.turnout + pool.minutes[speed, group.place, pool.fire_places[fire]]
        for group, speed in zip(pool.vehicles, pool.speeds, strict=True)
    ]
    return max(1.0, float(min(ways, default=0.0)))
