"""The smallest sum of arrivals, found and proven by how many of each kind go to each fire (ADR 0005).

Whether one crew goes hardly moves the bound of parts of trips: another like it goes instead. How many vehicles go to a
fire, or how many with fourteen seats, moves it much: where parts of trips come to twelve and a half, twelve may be too
few at any price that matters. So what may be is divided by such numbers: at most twelve, or at least thirteen. Of each
part the bound is found without whole numbers, over the trips that may matter in it, the part with the least bound
first. Once all the numbers are whole, or few trips are left, whole trips are asked for; what they come to is the sum
that every part that is left has to go below.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.asking import OutOfTime
from firewatch.dispatch.columns import Columns
from firewatch.dispatch.linear import Bounded
from firewatch.dispatch.milp import Outcome
from firewatch.dispatch.pricing import NOISE, Bound
from firewatch.indices.checks import Bools, Floats, Ints

WHOLE = 1e-4
"""How far from a whole number a number is one."""
FEW = 300
"""Trips; so few are asked for as wholes at once."""
TRIED = 20
"""Numbers, at the most, by which it is tried to divide a part."""
PATIENCE = 8
"""So many that raise the bound no more than another did are enough."""
TRUSTED = 2
"""Of a number tried so often before it is known by how much it raises the bound."""
LITTLE = 1e-3
"""A rise of the bound that is as good as none."""
FINEST = 0.1
"""Minutes in which travel times are told."""


@dataclass(order=True)
class Part:
    """Some of what may be: what no plan in it falls below, how its numbers are bounded, and the trips shut out."""

    bound: float
    serial: int
    low: Floats = field(compare=False)
    high: Floats = field(compare=False)
    shut: Bools = field(compare=False)


class Division:
    """A search for plans over some trips whose arrivals sum up to less than a ceiling."""

    def __init__(self, columns: Columns, bound: Bound, chosen: Sequence[Ints], ceiling: float) -> None:
        """Look among the chosen trips of each fire; all that may be part of a plan below the ceiling have to be."""
        self._columns, self._root, self._chosen = columns, bound, list(chosen)
        self._sums = _numbers(columns)
        self._step = _step(columns, chosen, ceiling)
        self.below = ceiling - self._step
        """What a plan has to come to at the most."""
        self._rises, self._tries = np.zeros((2, len(self._sums))), np.zeros((2, len(self._sums)))
        self._serial = count()
        none = np.full(len(self._sums), np.inf)
        first = Part(bound.value, next(self._serial), -none, none, np.zeros(sum(map(len, chosen)), dtype=bool))
        self._open = [first]
        self._model()

    def _model(self) -> None:
        program, arrives = self._columns.over(self._chosen)
        self._own = len(self._columns.program.high)
        self._linear = Bounded(program, arrives, self._sums)

    def bound(self) -> float:
        """Return what no plan comes below."""
        return min([self.below + self._step, *(part.bound for part in self._open[:1])])

    def search(self, remaining: Callable[[], float]) -> Iterator[list[Ints]]:
        """Look for better plans until there is none; of each, return how often each trip of the lists is made.

        When time is over it ends as well, and can be asked to go on.
        """
        while self._open and self._open[0].bound <= self.below:
            part = heappop(self._open)
            try:
                made = self._look_into(part, remaining)
            except OutOfTime:
                heappush(self._open, part)
                return
            if made is not None:
                yield made
        self._open.clear()

    def _look_into(self, part: Part, remaining: Callable[[], float]) -> list[Ints] | None:
        """Divide a part, or answer the best plan in it if that is below the ceiling."""
        own = np.zeros(self._own, dtype=bool)
        least = _in_time(self._linear.solve(part.low, part.high, np.append(own, part.shut), remaining()))
        if least > self.below:
            return None
        values, beyond = self._linear.found()
        shut = part.shut | (beyond[self._own :] > self.below - least + NOISE)
        numbers = np.array([values[each].sum() for each in self._sums])
        if np.count_nonzero(~shut) <= FEW or np.abs(numbers - np.rint(numbers)).max() <= WHOLE:
            return self._wholes(part, shut, remaining)
        for each in self._divided(part, least, numbers, remaining):
            each.shut = shut
            heappush(self._open, each)
        return None

    def _divided(self, part: Part, least: float, numbers: Floats, remaining: Callable[[], float]) -> list[Part]:
        """Return the two sides of a part, by the number that raises the bound most: those that may be any use."""
        down = np.floor(numbers)
        best, most, since = 0, -np.inf, 0
        sides, tried = (least, least), 0
        for which in self._by_promise(numbers).tolist():
            least_of = (least, least)
            if self._tries[:, which].min() < TRUSTED and tried < TRIED:
                tried += 1
                least_of = self._tried(part, which, float(down[which]), remaining)
                self._learn(which, numbers[which] - down[which], np.minimum(least_of, self.below + self._step) - least)
                rise = np.minimum(least_of, self.below) - least
            else:
                rise = self._expected(numbers)[:, which]
            worth = float(np.maximum(rise, LITTLE).prod())
            if worth > most:
                best, most, sides, since = which, worth, least_of, 0
            elif (since := since + 1) > PATIENCE:
                break
        lower = Part(sides[0], next(self._serial), part.low, part.high.copy(), part.shut)
        upper = Part(sides[1], next(self._serial), part.low.copy(), part.high, part.shut)
        lower.high[best], upper.low[best] = down[best], down[best] + 1
        return [each for each in (lower, upper) if each.bound <= self.below]

    def _by_promise(self, numbers: Floats) -> Ints:
        """Return the numbers that are not whole, first those of which most is expected."""
        parted = np.flatnonzero(np.abs(numbers - np.rint(numbers)) > WHOLE)
        expected = np.maximum(self._expected(numbers), LITTLE).prod(axis=0)
        return parted[np.argsort(-expected[parted], kind="stable")]

    def _expected(self, numbers: Floats) -> Floats:
        """Return by how much either side of each number is expected to raise the bound."""
        usual = self._rises.sum(axis=1) / np.maximum(self._tries.sum(axis=1), 1)
        each = np.where(self._tries > 0, self._rises / np.maximum(self._tries, 1), usual[:, None])
        over = numbers - np.floor(numbers)
        expected: Floats = each * np.stack([over, 1 - over])
        return expected

    def _learn(self, which: int, over: float, rise: Floats) -> None:
        self._rises[:, which] += rise / np.array([over, 1 - over])
        self._tries[:, which] += 1

    def _tried(self, part: Part, which: int, down: float, remaining: Callable[[], float]) -> tuple[float, float]:
        """Return the bounds of both sides of a part divided by a number."""
        low, high = float(part.low[which]), float(part.high[which])
        lower = _in_time(self._linear.tried(which, low, down, remaining()))
        return lower, _in_time(self._linear.tried(which, down + 1, high, remaining()))

    def _wholes(self, part: Part, shut: Bools, remaining: Callable[[], float]) -> list[Ints] | None:
        """Return the best whole trips of a part, if they come to less than the ceiling."""
        chosen = _some(self._chosen, ~shut)
        program, arrives = self._columns.over(chosen)
        for which in np.flatnonzero(np.isfinite(part.low) | np.isfinite(part.high)).tolist():
            program.row(self._sums[which], 1.0, part.low[which], part.high[which])
        program.row(np.arange(len(arrives)), arrives, high=self.below)
        answer = program.solve(arrives, remaining())
        if answer.values is None:
            if answer.outcome is Outcome.STOPPED:
                raise OutOfTime
            return None
        if answer.outcome is Outcome.STOPPED:
            heappush(self._open, part)
        made = self._columns.made(chosen, answer.values)
        self.narrow(answer.objective)
        return made

    def narrow(self, minutes: float) -> None:
        """Look below a sum from now on, and only among the trips that may be part of such plans."""
        self.below = min(self.below, minutes - self._step)
        reduced = np.concatenate([costs[which] for costs, which in zip(self._root.reduced, self._chosen, strict=True)])
        stay = reduced <= self.below - self._root.value + NOISE
        if stay.all():
            return
        self._chosen = _some(self._chosen, stay)
        for part in self._open:
            part.shut = part.shut[stay]
        self._model()


def _in_time(least: float | None) -> float:
    if least is None:
        raise OutOfTime
    return least


def _some(chosen: Sequence[Ints], stay: Bools) -> list[Ints]:
    """Return those trips of each fire that stay, told of all one after the other."""
    ends = np.cumsum([len(which) for which in chosen])[:-1]
    return [which[mine] for which, mine in zip(chosen, np.split(stay, ends), strict=True)]


def _step(columns: Columns, chosen: Sequence[Ints], ceiling: float) -> float:
    """Return by how much less a sum has to be to be less: half of what it is told in, or what counts as nothing."""
    arrives = np.concatenate([tours.arrives[which] for tours, which in zip(columns.lists, chosen, strict=True)])
    fine = arrives / FINEST
    return FINEST / 2 if np.allclose(fine, np.rint(fine), rtol=0.0, atol=1e-6) else 1e-6 * max(1.0, ceiling)


def _numbers(columns: Columns) -> list[Ints]:
    """Return the variables whose sums are the numbers: of all, and of each kind, to each fire and to any."""
    pool = columns.pool
    kinds = [np.array([group.one.free_seats for group in pool.vehicles]), _people(pool)]
    return [
        going[each]
        for sent in (*(fire.sent for fire in columns.fires), columns.total)
        for going, kind in zip(sent, kinds, strict=True)
        for each in (np.ones(len(kind), dtype=bool), *(kind == one for one in np.unique(kind)))
        if each.any()
    ]


def _people(pool: Pool) -> Ints:
    return np.array([group.one.people for group in pool.crews], dtype=np.int64)
