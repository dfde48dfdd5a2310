"""The bound of all trips, by a few at a time and without whole numbers (ADR 0005).

The model is solved over some of the trips (`columns`); the prices of its rows tell what any other trip costs beyond
them (its reduced cost); the cheapest are added, until none is below its price. Then rows are added that whole crews
obey and these parts of them do not (`cuts`), and so on. The value is a bound for all trips, and a trip's reduced cost
is the least by which a plan that makes it is worse than the bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from firewatch.dispatch.columns import Columns, among_equals
from firewatch.dispatch.cover import SLACK
from firewatch.dispatch.linear import Growing
from firewatch.dispatch.milp import ROUNDS, Sum
from firewatch.indices.checks import Bools, Floats, Ints

NOISE = 1e-7
"""Below its price by less than this a trip is not: the solver's own tolerance."""
EACH_TIME = 8
"""Trips of one vehicle to one fire that are added at a time."""
CUTTING = 20
"""Rounds of cuts at the most, for the bound of a sum."""
HARDLY = 1e-4
"""By what part of itself such a bound has to rise for another round."""


@dataclass(frozen=True)
class Bound:
    """What no trips fall below, and what each trip of each fire costs beyond it."""

    value: float
    reduced: tuple[Floats, ...]


def relax(columns: Columns, costs: Sequence[Floats] | None, remaining: Callable[[], float]) -> Bound | None:
    """Return the bound of a sum; without costs, of what is missed of what is held. None when time is over before one.

    What is missed ends as soon as it is known to be something, or to be nothing. Raises SolverFailed.
    """
    pricing, told = _Pricing(columns, costs), None
    rounds = ROUNDS if costs is None else CUTTING
    while (bound := pricing.bound(remaining)) is not None:
        last, told = -np.inf if told is None else told.value, bound
        risen = bound.value <= SLACK if costs is None else bound.value - last > HARDLY * abs(bound.value)
        if not (rounds and risen and pricing.cut()):
            break
        rounds -= 1
    if told is not None:
        pricing.forget()
    return told


class _Pricing:
    """One sum of costs, or what is missed, over the trips that are in so far."""

    def __init__(self, columns: Columns, costs: Sequence[Floats] | None) -> None:
        self.columns, self.misses = columns, costs is None
        self.costs = [np.zeros(len(tours)) for tours in columns.lists] if costs is None else costs
        cost, high = np.zeros(len(columns.program.high)), np.array(columns.program.high)
        if self.misses:
            cost[columns.misses] = 1.0
        else:
            high[columns.misses] = 0.0
        self.grown = Growing(columns.program, cost, high)
        self.grown.cut(columns.cuts)
        self.inside = [np.zeros(len(tours), dtype=bool) for tours in columns.lists]
        self.values, self.prices = np.zeros(len(high)), np.zeros(0)
        for fire, trips in enumerate(columns.candidates()):
            self._let_in(fire, trips)

    def bound(self, remaining: Callable[[], float]) -> Bound | None:
        """Let trips in until none is below its price; return the bound, None when time is over."""
        while (priced := self.grown.solve(remaining())) is not None:
            self.values, self.prices = priced.values, priced.prices
            reduced = tuple(cost - self.columns.worth(fire, priced) for fire, cost in enumerate(self.costs))
            bound = Bound(priced.value + self._below(reduced), reduced)
            is_known = self.misses and (priced.value <= SLACK or bound.value > SLACK)
            cheap = [] if is_known else [self._cheapest(fire, beyond) for fire, beyond in enumerate(reduced)]
            for fire, trips in enumerate(cheap):
                self._let_in(fire, trips)
            if not any(map(len, cheap)):
                self.columns.look_at(self.inside)
                return bound
        return None

    def cut(self) -> list[Sum]:
        """Add rows that wholes obey and the parts found last do not; return them."""
        miss = self.columns.misses[-1]
        cuts = [
            (np.append(variables, miss), np.append(factors, -1.0), high)
            for variables, factors, high in self.columns.program.rounded(self.values, self.columns.most())
        ]
        self.columns.cuts += cuts
        self.grown.cut(cuts)
        return cuts

    def forget(self) -> None:
        """Keep of the cuts those that bind the sum: a model in whole numbers is the slower for every other."""
        if not self.misses:
            prices = self.prices[len(self.columns.program.row_low) :]
            self.columns.cuts = list(compress(self.columns.cuts, np.abs(prices) > NOISE))

    def _let_in(self, fire: int, trips: Ints) -> None:
        if len(trips):
            self.grown.add(self.costs[fire][trips], *self.columns.cells(fire, trips))
            self.inside[fire][trips] = True

    def _cheapest(self, fire: int, beyond: Floats) -> Ints:
        """Return of the trips below their price the cheapest of each vehicle."""
        below: Bools = (beyond < -NOISE) & self.columns.left[fire] & ~self.inside[fire]
        which = np.flatnonzero(below)
        ranked = which[np.argsort(beyond[which], kind="stable")]
        return np.sort(ranked[among_equals(self.columns.lists[fire].vehicle[ranked]) < EACH_TIME])

    def _below(self, reduced: Sequence[Floats]) -> float:
        """Return by how much, at the most, trips not looked at may bring down a value: each vehicle goes once."""
        least = np.zeros(len(self.columns.pool.vehicles))
        for left, tours, beyond in zip(self.columns.left, self.columns.lists, reduced, strict=True):
            np.minimum.at(least, tours.vehicle[left], beyond[left])
        return float(least @ self.columns.pool.counts[0])
