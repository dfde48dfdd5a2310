"""The optimiser: the best joint plan, objective after objective, each with its proof (dispatch.md §3, §4; ADR 0005).

1. **Shortage and reserve** do not depend on time. The cover model over any trips at all gives a value that no plan goes
   below.
2. **Completion times**, the heaviest fire first. At a time τ every trip slower than τ is forbidden for this fire, the
   fires before it keep their times, those after it are served at any time. Feasible at τ and infeasible at the next
   smaller arrival is the certificate. Whether parts of trips would do is asked first: it costs a tenth, and refuses
   nearly every time that has to be refused.
3. **First attack, use** (`finish`): now every fire has a time, its list of trips is complete, and the model is exact.

What parts of trips allow is taken for the value of one stage after the other, and all are shown by one question in
whole numbers; where that has no answer, by halves. What a stage is stands in `stages`.

A stage that runs out of time, or whose resources cannot be put into real trips, leaves the plan feasible: what was
found is put into real trips in the seconds kept for that (`rescue`), and what the value in question cannot go below is
told.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from firewatch.dispatch import finish
from firewatch.dispatch.alike import Pool
from firewatch.dispatch.asking import (
    Ask,
    Broken,
    OutOfTime,
    Remaining,
    Search,
    by_tours,
    made_by,
    served_so_far,
    solved,
)
from firewatch.dispatch.made import of_plan
from firewatch.dispatch.milp import SolverFailed
from firewatch.dispatch.objectives import evaluate
from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.rescue import keep_real
from firewatch.dispatch.stages import Completion, Stage, Total, settle
from firewatch.dispatch.tours import TooMany

KEPT_SHARE = 0.35
"""Of the seconds, kept for the rescue while some fire has no time yet."""
WORTH_SHOWING = 3
"""Promises; fewer are found one by one."""
SHOWING = 0.2
"""Of the seconds that are left, at the most spent on showing several promises at once."""


def search(pool: Pool, remaining: Remaining, start: Sequence[PlannedTrip] = ()) -> Search:
    """Return the best trips found, with what is proven of them; `start` are the trips of a plan that holds."""
    known, kept = evaluate(pool.problem, start), KEPT_SHARE * remaining()

    def but_for_rescue() -> float:
        # Once every fire has its time, what is found consists of real trips: then nothing need be kept.
        return remaining() - (kept if None in state.limits else 0.0)

    state = Search(pool, but_for_rescue, of_plan(pool, start), limits=[None] * len(pool.fires))
    state.known = {"shortage": known.shortage, "reserve": known.reserve}
    objectives = pool.problem.objectives
    before = list(takewhile(lambda each: each not in _AFTER, objectives))
    try:
        _before_times(state, [stage for each in before for stage in _stages(state, each)])
        for objective in objectives[len(before) :]:
            if objective in _AFTER:
                _AFTER[objective](state)
            else:
                Total(objective).find(state)
    except (OutOfTime, TooMany, Broken, SolverFailed):
        state.proven, state.remaining = False, remaining
        keep_real(state)
    return state


def _use(state: Search) -> None:
    """Make the sum of all arrivals as small as it can be."""
    settle(state, Objective.USE, *finish.use(state))


_AFTER: Mapping[Objective, Callable[[Search], None]] = {
    Objective.FIRST_ATTACK: finish.first_attacks,
    Objective.USE: _use,
}
"""What is asked once every fire has its time."""


def _stages(state: Search, objective: Objective) -> list[Stage]:
    if objective is Objective.COMPLEMENT:
        return [Completion(fire) for fire in range(len(state.pool.fires))]
    return [Total(objective)]


def _before_times(state: Search, stages: Sequence[Stage]) -> None:
    """Settle the stages; where any-time service promises too much, once more with every trip, if they can be listed."""
    try:
        _settle(state, stages)
        state.proof.setdefault("complement", {})  # of no fire there is none
    except Broken:
        state.limits, state.held, state.proof, state.bounds = [None] * len(state.limits), {}, {}, {}
        for stage in stages:
            stage.find_by_trips(state)


def _settle(state: Search, stages: Sequence[Stage]) -> None:
    """Settle stages in their order, those before them being settled."""
    if not stages:
        return
    before = state.settled()
    try:
        promised = _promised(state, stages)
        shown = promised >= WORTH_SHOWING and _holds(state)
    except (OutOfTime, TooMany, SolverFailed):
        hoped = state.held
        state.go_back(before)
        state.held = hoped  # the rescue tries to have what may be had
        raise
    if shown:
        _settle(state, stages[promised:])
        return
    state.go_back(before, and_bounds=True)
    if promised >= WORTH_SHOWING:
        half = promised // 2
        _settle(state, stages[:half])
        _settle(state, stages[half:])
    else:
        stages[0].find(state)
        _settle(state, stages[1:])


def _promised(state: Search, stages: Sequence[Stage]) -> int:
    """Take what the stages promise, one after the other; answer how many do."""
    for number, stage in enumerate(stages):
        try:
            if not stage.promise(state):
                return number
        except (Broken, TooMany):  # by a promise before it, perhaps, that cannot be kept
            return number
    return len(stages)


def _holds(state: Search) -> bool:
    """Return whether all that is promised can be had at once; False too where that is not known soon."""
    served = served_so_far(state, state.enough)
    try:
        answer = solved(state, served, Ask(share=SHOWING))
    except OutOfTime:
        if state.remaining() <= 0:
            raise
        return False
    lists = by_tours(served)
    if answer.made is not None and lists is not None:
        state.keep(made_by(lists, answer))
    return answer.made is not None
