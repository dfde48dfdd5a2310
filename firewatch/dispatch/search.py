"""The optimiser: the best joint plan, objective after objective, each with its proof (dispatch.md §3, §4; ADR 0005).

1. **Shortage and reserve** do not depend on time. The cover model over any trips at all gives a value that no plan goes
   below; the resources it picks are then put into real trips. Where that works the value is proven.
2. **Completion times**, the heaviest fire first. At a time τ every trip slower than τ is forbidden for this fire, the
   fires before it keep their times, those after it are served at any time. Feasible at τ and infeasible at the next
   smaller arrival is the certificate. Whether parts of trips would do is asked first: it costs a tenth, and refuses
   nearly every time that has to be refused.
3. **First attack, use** (`finish`): now every fire has a time, its list of trips is complete, and the model is exact.

A stage that runs out of time, or whose resources cannot be put into real trips, leaves the plan feasible: what was
found is put into real trips in the seconds kept for that, and what the value in question cannot go below is told.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from firewatch.dispatch import finish
from firewatch.dispatch.alike import Pool
from firewatch.dispatch.asking import (
    Ask,
    Broken,
    OutOfTime,
    Remaining,
    Search,
    by_tours,
    least,
    made_by,
    possible,
    served_so_far,
    solved,
)
from firewatch.dispatch.cover import FARTHEST, SLACK, Sent
from firewatch.dispatch.made import Made, of_plan
from firewatch.dispatch.milp import SolverFailed
from firewatch.dispatch.objectives import evaluate
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.tours import TooMany, Tours, helpful, tours, undominated
from firewatch.indices.checks import Floats

WIDEN = 1.25
"""By how much the horizon grows from one try to the next."""
KEPT_SHARE = 0.12
"""Of the seconds, kept for putting an unproven answer into real trips."""
NEAR_ENOUGH = 0.5
ENOUGH = 0.5
"""How far from the nearest and from the shortest a set of trips may be that only shows that there is one."""
FAR = 480.0
"""Minutes; where a cut list begins to be tried."""


def search(pool: Pool, remaining: Remaining, start: Sequence[PlannedTrip] = ()) -> Search:
    """Return the best trips found, with what is proven of them; `start` are the trips of a plan that holds."""
    known, kept = evaluate(pool.problem, start), KEPT_SHARE * remaining()

    def but_for_rescue() -> float:
        # Once every fire has its time, what is found consists of real trips: then nothing need be kept.
        return remaining() - (kept if None in state.limits else 0.0)

    state = Search(pool, but_for_rescue, of_plan(pool, start), limits=[None] * len(pool.fires))
    state.known = {"shortage": known.shortage, "reserve": known.reserve}
    steps: Mapping[Objective, Callable[[Search], None]] = {
        Objective.SHORTAGE: lambda s: _total(s, Objective.SHORTAGE),
        Objective.RESERVE: lambda s: _total(s, Objective.RESERVE),
        Objective.COMPLEMENT: _complements,
        Objective.FIRST_ATTACK: finish.first_attacks,
        Objective.USE: _use,
    }
    try:
        for objective in pool.problem.objectives:
            steps[objective](state)
    except (OutOfTime, TooMany, Broken, SolverFailed):
        state.proven, state.remaining = False, remaining
        _keep_real(state)
    return state


def _total(state: Search, what: Objective) -> None:
    """Make the shortage or the reserve as small as it can be."""
    served = served_so_far(state, state.tours)
    answer = solved(state, served, Ask(what))
    value, bound = answer.objective, answer.bound
    if state.known.get(what, np.inf) > value + SLACK:
        lists = by_tours(served)
        trips = made_by(lists, answer) if lists is not None else _real(state, served, {**state.held, what: value})
        if trips is None:
            # Trips cannot do what any-time service could: the best of all trips there are, if they can be listed.
            lists, complete = _listed(state, served)
            answer = solved(state, lists, Ask(what))
            trips, value = made_by(lists, answer), answer.objective
            bound = answer.bound if complete else bound
        state.keep(trips)
    _settle(state, what, value, bound)


def _use(state: Search) -> None:
    """Make the sum of all arrivals as small as it can be."""
    _settle(state, Objective.USE, *finish.use(state))


def _settle(state: Search, what: Objective, value: float, bound: float) -> None:
    state.held[what], state.proof[what] = value, {"value": value, "bound": bound}
    state.bounds[what, ""] = bound
    if value - bound > SLACK * max(1.0, abs(value)):
        state.proven = False


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


def _complement(state: Search, fire: int) -> dict[str, float | None]:
    """Find the smallest time by which a fire can have all it gets; return the certificate."""
    if _may_fit(state, fire, None) and _fits(state, fire, None) is not None:
        return _complete(state, fire, 0.0, None, None)
    # Widen until it may fit; then the smallest time that does lies among the arrivals since the last that may not.
    # All of them: by a shorter horizon trips are enough that by a longer one others make superfluous.
    known, horizon = -1.0, _soonest(state.pool, fire)  # what is known not to fit
    while True:
        if _may_fit(state, fire, horizon):
            times = np.unique(state.helping(fire, horizon).arrives)  # of every trip that helps
            least = _least_that_fits(state, fire, times, int(np.searchsorted(times, known, side="right")))
            if least is not None:
                before = float(times[least - 1]) if least else None
                return _complete(state, fire, float(times[least]), float(times[least]), before)
        if horizon > FARTHEST:
            raise Broken
        known, horizon = horizon, max(horizon * WIDEN, horizon + 1.0)


def _least_that_fits(state: Search, fire: int, times: Floats, low: int) -> int | None:
    return least(
        low,
        len(times),
        lambda which: _may_fit(state, fire, float(times[which])),
        lambda which: _place(times, _fits(state, fire, float(times[which]))),
    )


def _complete(
    state: Search, fire: int, limit: float, feasible: float | None, infeasible: float | None
) -> dict[str, float | None]:
    state.limits[fire] = state.bounds[Objective.COMPLEMENT, state.pool.fires[fire].id] = limit
    return {"feasible": feasible, "infeasible": infeasible}


def _place(times: Floats, time: float | None) -> int | None:
    return None if time is None else int(np.searchsorted(times, time))


def _may_fit(state: Search, fire: int, horizon: float | None) -> bool:
    """Return whether there may be a service of a fire by a time (None: by nobody); where not, there is none."""
    if possible(state, _served_by(state, fire, horizon)):
        return True
    state.refuse(Objective.COMPLEMENT, fire, horizon)
    return False


def _fits(state: Search, fire: int, horizon: float | None) -> float | None:
    """Return when the last trip arrives in some service of a fire by a time (None: by nobody) that holds what is held.

    None when there is no such service. Later fires are served at any time; once none is left the trips are real.
    """
    served = _served_by(state, fire, horizon)
    answer = solved(state, served, Ask())
    if answer.made is None:
        state.refuse(Objective.COMPLEMENT, fire, horizon)
        return None
    lists = by_tours(served)
    if lists is not None:
        state.keep(made_by(lists, answer))
    mine = served[fire]
    return 0.0 if mine is None else float(mine.arrives[answer.made[fire] > 0].max(initial=0.0))


def _served_by(state: Search, fire: int, horizon: float | None) -> list[Tours | None]:
    """Return by what each fire is served when one is by a time (None: by nobody)."""
    served = served_so_far(state, state.enough)
    served[fire] = state.enough(fire, -1.0 if horizon is None else horizon)
    return served


def _keep_real(state: Search) -> None:
    """Try to have real trips within the times found so far."""
    served = served_so_far(state, state.enough)
    if by_tours(served) is not None:
        return  # the best are
    try:
        trips = _real(state, served, state.held)
    except (OutOfTime, TooMany, SolverFailed):
        return
    state.rescued = trips


def _real(state: Search, served: Sequence[Tours | None], held: Mapping[str, float]) -> Made | None:
    """Return real trips for fires served at any time; None when the nearest resources that would do go into none."""
    near = solved(state, served, Ask("distance", NEAR_ENOUGH), held)
    if near.made is None:
        return None
    lists = [_chosen(state.pool, fire, near) if each is None else each for fire, each in enumerate(served)]
    real = solved(state, lists, Ask("use", ENOUGH), held)
    return None if real.made is None else made_by(lists, real)


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


def _soonest(pool: Pool, fire: int) -> float:
    """Return when the first vehicle could be there, at the least."""
    ways = [
        group.one.turnout + pool.minutes[speed, group.place, pool.fire_places[fire]]
        for group, speed in zip(pool.vehicles, pool.speeds, strict=True)
    ]
    return max(1.0, float(min(ways, default=0.0)))
