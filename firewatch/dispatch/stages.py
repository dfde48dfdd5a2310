"""The steps of a search before every fire has its time: shortage and reserve, and each fire's completion time.

Each can be taken in two ways. A **promise** takes the value below which parts of trips do not go: that is cheap, and
mostly it is the value. **Finding** shows the value by whole numbers, from there upwards (dispatch.md §4; ADR 0005).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from firewatch.dispatch.asking import (
    Ask,
    Asked,
    Broken,
    Search,
    by_tours,
    first_that_does,
    first_that_may,
    made_by,
    possible,
    served_so_far,
    solved,
)
from firewatch.dispatch.blocks import FARTHEST
from firewatch.dispatch.cover import SLACK
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.real import listed, real
from firewatch.dispatch.tours import Tours
from firewatch.indices.checks import Floats

WIDEN = 1.25
"""By how much the horizon grows from one try to the next."""


class Stage(Protocol):
    """One value, while those before it are held."""

    def promise(self, state: Search) -> bool:
        """Take the value below which parts of trips do not go; answer whether there is one worth taking."""
        ...  # pragma: no cover - it has no body

    def find(self, state: Search) -> None:
        """Find the value. Raises OutOfTime, or Broken where nothing fits at all."""
        ...  # pragma: no cover - it has no body

    def find_by_trips(self, state: Search) -> None:
        """Find the value by real trips: what is served at any time is trusted no more."""
        ...  # pragma: no cover - it has no body


@dataclass(frozen=True)
class Total:
    """The shortage or the reserve."""

    what: Objective

    def promise(self, state: Search) -> bool:
        """Promise that nothing is short, or missing, where it may be so: any other sum is seldom what parts come to."""
        nothing = self._is_nothing(state) or possible(
            state, served_so_far(state, state.tours), {**state.held, self.what: 0.0}, cut=True
        )
        if nothing:
            settle(state, self.what, 0.0, 0.0)
        return nothing

    def find(self, state: Search) -> None:
        """Make it as small as it can be."""
        if self._is_nothing(state):
            settle(state, self.what, 0.0, 0.0)
            return
        served = served_so_far(state, state.tours)
        answer = solved(state, served, Ask(self.what))
        lists = by_tours(served)
        if lists is not None and state.known.get(self.what, np.inf) > answer.objective + SLACK:
            state.keep(made_by(lists, answer))
        settle(state, self.what, answer.objective, answer.bound)

    def find_by_trips(self, state: Search) -> None:
        """Make it as small as real trips can."""
        served = served_so_far(state, state.tours)
        answer = solved(state, served, Ask(self.what))
        value, bound = answer.objective, answer.bound
        if state.known.get(self.what, np.inf) > value + SLACK:
            trips = real(state, served, {**state.held, self.what: value})
            if trips is None:
                # Trips cannot do what any-time service could: the best of all trips there are, if they can be listed.
                lists, complete = listed(state, served)
                answer = solved(state, lists, Ask(self.what))
                trips, value = made_by(lists, answer), answer.objective
                bound = answer.bound if complete else bound
            state.keep(trips)
        settle(state, self.what, value, bound)

    def _is_nothing(self, state: Search) -> bool:
        """Return whether a known plan, as good in what comes before, shows that nothing is short, or missing."""
        as_good = all(state.known.get(what, np.inf) <= held + SLACK for what, held in state.held.items())
        return as_good and state.known.get(self.what, np.inf) <= 0


@dataclass(frozen=True)
class Completion:
    """The time by which a fire has all it gets."""

    fire: int

    def promise(self, state: Search) -> bool:
        """Promise the smallest time by which it may have it."""
        if _may_fit(state, self.fire, None):
            _complete(state, self.fire, 0.0, None, None)
            return True
        self._complete_by_first(state, lambda times, low: low if low < len(times) else None)
        return True

    def find(self, state: Search) -> None:
        """Find the smallest time by which it can have it."""
        fire = self.fire
        if _may_fit(state, fire, None) and _fits(state, fire, None) is not None:
            _complete(state, fire, 0.0, None, None)
            return
        self._complete_by_first(state, lambda times, low: _that_fits(state, fire, times, low))

    def find_by_trips(self, state: Search) -> None:
        """Find it while every fire without a time is served by any trips there are."""
        state.anew = True
        self.find(state)

    def _complete_by_first(self, state: Search, first: Callable[[Floats, int], int | None]) -> None:
        """Take the place that `first` answers of the arrivals, given the place of the first that may fit.

        Widen until it may fit; then the smallest time that does lies among the arrivals since the last that may not.
        All of them: by a shorter horizon trips are enough that by a longer one others make superfluous.
        """
        known, horizon = -1.0, _first_look(state, self.fire)  # what is known not to fit
        while True:
            if _may_fit(state, self.fire, horizon):
                times, low = _may_from(state, self.fire, horizon, known)
                place = first(times, low)
                if place is not None:
                    _complete_at(state, self.fire, times, place)
                    return
            known, horizon = _wider(horizon)


def settle(state: Search, what: Objective, value: float, bound: float) -> None:
    """Write down the value of a sum and what it cannot go below."""
    state.held[what], state.proof[what] = value, {"value": value, "bound": bound}
    state.bounds[what, ""] = bound
    if value - bound > SLACK * max(1.0, abs(value)):
        state.proven = False


def _wider(horizon: float) -> tuple[float, float]:
    """Return what is known not to fit, and the next horizon."""
    if horizon > FARTHEST:
        raise Broken
    return horizon, max(horizon * WIDEN, horizon + 1.0)


def _may_from(state: Search, fire: int, horizon: float, known: float) -> tuple[Floats, int]:
    """Return the arrivals of every trip that helps, and the place of the first that may fit, after what does not."""
    times = np.unique(state.helping(fire, horizon).arrives)
    low = int(np.searchsorted(times, known, side="right"))
    if known < 0 or not _may_fit(state, fire, known):  # what parts allow, they allow later too
        first_look = known < 0
        low = first_that_may(low, len(times), lambda n: _may_fit(state, fire, float(times[n])), last=first_look)

    def may(place: int) -> bool:
        return _may_fit(state, fire, float(times[place]), cut=True)

    if low == len(times) or may(low):
        return times, low
    if not may(len(times) - 1):
        return times, len(times)
    return times, first_that_may(low + 1, len(times), may)


def _that_fits(state: Search, fire: int, times: Floats, low: int) -> int | None:
    """Return the place of the first arrival from `low` that fits."""

    def does(place: int) -> int | None:
        last = _fits(state, fire, float(times[place]))
        return None if last is None else int(np.searchsorted(times, last))

    return first_that_does(low, len(times), does)


def _complete_at(state: Search, fire: int, times: Floats, place: int) -> None:
    time = state.guesses[fire] = float(times[place])
    _complete(state, fire, time, time, float(times[place - 1]) if place else None)


def _complete(state: Search, fire: int, limit: float, feasible: float | None, infeasible: float | None) -> None:
    name = state.pool.fires[fire].id
    state.limits[fire] = state.bounds[Objective.COMPLEMENT, name] = limit
    state.proof.setdefault("complement", {})[name] = {"feasible": feasible, "infeasible": infeasible}


def _may_fit(state: Search, fire: int, horizon: float | None, *, cut: bool = False) -> bool:
    """Return whether there may be a service of a fire by a time (None: by nobody); where not, there is none."""
    at, held = -1.0 if horizon is None else horizon, tuple(state.held.items())
    plainly, dearly = (
        state.asked.setdefault((dear, fire, tuple(state.limits), held, state.anew), Asked()) for dear in (False, True)
    )
    # What is refused plainly is refused, and what is allowed with cuts is allowed.
    refused = max(plainly.refused, dearly.refused) if cut else plainly.refused
    allowed = dearly.allowed if cut else min(plainly.allowed, dearly.allowed)
    if at >= allowed:
        return True
    asked = dearly if cut else plainly
    if at > refused and possible(state, _served_by(state, fire, horizon), state.held, cut=cut):
        asked.allowed = at
        return True
    asked.refused = max(asked.refused, at)
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


def _first_look(state: Search, fire: int) -> float:
    """Return by when a fire was last to be served, or else when the first vehicle could be there."""
    if fire in state.guesses:
        return state.guesses[fire]
    pool = state.pool
    ways = [
        group.one.turnout + pool.minutes[speed, group.place, pool.fire_places[fire]]
        for group, speed in zip(pool.vehicles, pool.speeds, strict=True)
    ]
    return max(1.0, float(min(ways, default=0.0)))
