"""What a search that ran out of time still makes of what it found: real trips for every fire (ADR 0005).

Fires that have their time keep it. Those that have none yet are given one that is not far above the least it can be,
one fire after the other: a time is found in a few questions where the very smallest asks for many. So the first figure
that is not proven is near its bound, and no fire is left for last with whoever happens to be free.
"""

from collections.abc import Sequence
from math import inf, sqrt

from firewatch.dispatch.asking import Ask, Broken, OutOfTime, Search, served_so_far, solved
from firewatch.dispatch.cover import SLACK, Sent, with_slack
from firewatch.dispatch.milp import SolverFailed
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.real import nearest, put_into_trips
from firewatch.dispatch.stages import Completion
from firewatch.dispatch.tours import TooMany, Tours

SOON = 0.955
"""Of a time given so, what it cannot go below is at least this part, if that can be had."""
TRIPS_SHARE = 0.35
"""Of the seconds, for putting it all into trips."""
NEARER_SHARE = 0.6
"""Of those, for finding nearer resources first."""
TRIPS_GAP = 0.05
"""How far above the least the sum of their minutes may be; whatever is found in time does."""
QUESTIONS = 20
"""About one fire, at the most."""
QUESTION_SHARE = 0.25
"""Of the seconds that are left, for one question: near the least time some are hard."""
_STOPS = (OutOfTime, TooMany, Broken, SolverFailed)


def keep_real(state: Search) -> None:
    """Try to have real trips within the times found so far, and soon for the fires that have none yet."""
    if None not in state.limits:
        return  # the best are
    limits, promised = list(state.limits), state.held
    for held in (promised, {}):
        state.limits, state.held = list(limits), held
        _serve_all(state)
        if state.rescued is not None or not promised:
            return


def _serve_all(state: Search) -> None:
    """Serve every fire while what is held is held; keep the trips, if that can be done in time."""
    left, kept = state.remaining, TRIPS_SHARE * state.remaining()
    state.remaining = lambda: left() - kept
    answer = _serve_soon(state)
    state.remaining = left
    served = served_so_far(state, state.enough)
    try:
        near = _asked(state, served, nearest(NEARER_SHARE))
        if near is not None and near.made is not None:
            answer = near
        if answer is not None:
            state.rescued = put_into_trips(state, served, answer, state.held, TRIPS_GAP)
    except _STOPS:
        return


def _serve_soon(state: Search) -> Sent | None:
    """Give fires without a time one, as long as there are seconds; answer how all are served then, None if none is."""
    answer = None
    _as_known(state)
    for fire in [fire for fire, limit in enumerate(state.limits) if limit is None]:
        try:
            answer, state.limits[fire] = _soon(state, fire)
        except TooMany:
            continue  # it is served last, by whoever is left
        except _STOPS:
            break
    return answer


def _as_known(state: Search) -> None:
    """Give the first fires without a time those of the best plan so far, as long as they cannot be less."""
    if any(state.known.get(what, inf) > with_slack(held) for what, held in state.held.items()):
        return
    for fire, limit in enumerate(state.limits):
        if limit is None:
            latest = state.best.latest(fire)
            if latest > state.bounds.get(_key(state, fire), -inf) + SLACK:
                return
            state.limits[fire] = latest


def _key(state: Search, fire: int) -> tuple[Objective, str]:
    return Objective.COMPLEMENT, state.pool.fires[fire].id


def _soon(state: Search, fire: int) -> tuple[Sent, float]:
    """Return how a fire, and all others, can be served, and by when: soon after what its time cannot go below.

    What whole numbers refuse is a bound too, and better than that of parts. Raises OutOfTime where there is none yet,
    TooMany where the trips within any such time are too many to list.
    """
    key, served = _promised(state, fire), served_so_far(state, state.enough)
    found, by, low, wider = None, inf, state.bounds[key], 1 / SOON
    for _ in range(QUESTIONS):
        if state.bounds[key] >= SOON * by:
            break
        time = wider * max(low, 1.0) if found is None else sqrt(low * by)
        time, mine = _listed(state, fire, max(low, 1.0), time)
        served[fire] = mine
        # Any answer is mostly had soonest; where it is not, looking for what is near leads to one.
        answer = _asked(state, served, Ask(share=QUESTION_SHARE))
        if answer is None and found is None:
            answer = _asked(state, served, nearest(2 * QUESTION_SHARE))
        if answer is not None and answer.made is not None:
            found, by = answer, float(mine.arrives[answer.made[fire] > 0].max(initial=0.0))
            continue
        if answer is not None:
            state.refuse(Objective.COMPLEMENT, fire, time)
        elif found is not None:
            break
        low, wider = time, wider * wider
    if found is None:
        raise OutOfTime
    return found, by


def _listed(state: Search, fire: int, low: float, time: float) -> tuple[float, Tours]:
    """Return a time, and the trips that reach a fire by then: a time nearer to what is too early if they are too many.

    Raises TooMany where even the nearest are.
    """
    while True:
        try:
            return time, state.enough(fire, time)
        except TooMany:
            if SOON * time <= low:
                raise
            time = sqrt(low * time)


def _asked(state: Search, served: Sequence[Tours | None], ask: Ask) -> Sent | None:
    """Return the answer to one question, None where it is not had soon. Raises OutOfTime when time is over."""
    try:
        return solved(state, served, ask)
    except OutOfTime:
        if state.remaining() <= 0:
            raise
        return None


def _promised(state: Search, fire: int) -> tuple[Objective, str]:
    """Have what parts of trips allow among the bounds, and return by which name."""
    key = _key(state, fire)
    if key not in state.bounds:
        before = state.settled()
        Completion(fire).promise(state)
        state.go_back(before)
    state.bounds.setdefault(key, 0.0)
    return key
