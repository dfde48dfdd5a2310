"""What a search knows, and the questions it asks of the cover model (dispatch.md §4; ADR 0005)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.blocks import Block
from firewatch.dispatch.columns import Columns
from firewatch.dispatch.cover import Cover, Sent
from firewatch.dispatch.made import Made, made
from firewatch.dispatch.milp import Outcome
from firewatch.dispatch.parts import Apart, parted
from firewatch.dispatch.problem import Objective
from firewatch.dispatch.tours import Tours, helpful, tours, undominated
from firewatch.indices.checks import Bools

MOST_TOURS = 200_000
"""To one fire; a list that would be longer is cut, and the plan told as not proven."""

Remaining = Callable[[], float]
"""The seconds that are left."""

Settled = tuple[list[float | None], dict[str, float], dict[str, Any], dict[tuple[Objective, str], float]]
"""Limits, what is held, proof and bounds."""


@dataclass
class Asked:
    """The latest time that was refused, and the earliest that was not: before and after them nothing need be asked."""

    refused: float = -np.inf
    allowed: float = np.inf


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
    bounds: dict[tuple[Objective, str], float] = field(default_factory=dict)
    """What an objective, of a fire or (empty) of all, cannot go below while those before it are at their best."""
    proven: bool = True
    rescued: Made | None = None
    """What the seconds kept for it made of an answer that is not proven."""
    anew: bool = False
    """Whether no fire is served at any time any more: the promises of that were once broken."""
    guesses: dict[int, float] = field(default_factory=dict)
    """By when a fire was to be served when that was asked last: where to look first."""
    asked: dict[Hashable, Asked] = field(default_factory=dict)
    """By which times parts of trips would do, by the question."""
    columns: Columns | None = None
    """The trips as columns, once every fire has its time."""
    _tours: dict[tuple[int, float], Tours] = field(default_factory=dict)
    _enough: dict[tuple[int, float], Tours] = field(default_factory=dict)
    _blocks: dict[tuple[int, int], tuple[Tours | None, Block]] = field(default_factory=dict)

    def keep(self, trips: Made) -> None:
        """Take some trips for the best."""
        self.best, self.known = trips, {}

    def refuse(self, what: Objective, fire: int, time: float | None) -> None:
        """Write down that a time of a fire does not do."""
        key = what, self.pool.fires[fire].id
        self.bounds[key] = max(self.bounds.get(key, 0.0), time or 0.0)

    def settled(self) -> Settled:
        """Return what is settled so far, to go back to."""
        proof = {what: dict(told) for what, told in self.proof.items()}
        return list(self.limits), dict(self.held), proof, dict(self.bounds)

    def go_back(self, settled: Settled, *, and_bounds: bool = False) -> None:
        """Forget what was promised since; the bounds that came of it hold while no promise before them is broken."""
        self.limits, self.held, self.proof, bounds = settled
        if and_bounds:
            self.bounds = bounds

    def tours(self, fire: int, horizon: float) -> Tours:
        """Return the trips that reach a fire in time, those asked for before from memory."""
        key = fire, horizon
        if key not in self._tours:
            longer = min((long for at, long in self._tours if at == fire and long > horizon), default=None)
            self._tours[key] = (
                tours(self.pool, fire, horizon, most=MOST_TOURS)
                if longer is None
                else self._tours[fire, longer].within(horizon)
            )
        return self._tours[key]

    def helping(self, fire: int, horizon: float) -> Tours:
        """Return those of the trips that bring something the fire needs."""
        found = self.tours(fire, horizon)
        return found.some(helpful(self.pool, fire, found))

    def enough(self, fire: int, horizon: float) -> Tours:
        """Return as many of those as tell whether a fire can be served by that very time."""
        key = fire, horizon
        if key not in self._enough:
            self._enough[key] = undominated(self.pool, self.helping(fire, horizon))
        return self._enough[key]

    def block(self, fire: int, tours: Tours | None, single: Bools | None) -> Block:
        """Return what serves a fire by a list of trips or, None, at any time; from memory where no trip is single."""
        if tours is not None and single is not None and single.any():
            return Block(self.pool, fire, parted(self.pool, tours, single))
        key = fire, id(tours)
        known = self._blocks.get(key)
        if known is None or known[0] is not tours:
            parts = None if tours is None else parted(self.pool, tours, np.zeros(len(tours), dtype=bool))
            known = self._blocks[key] = tours, Block(self.pool, fire, parts)
        return known[1]


class OutOfTime(Exception):
    """The seconds are over."""


class Broken(Exception):
    """Nothing fits any more: what was promised to be served at any time is not to be had by trips."""


def served_so_far(state: Search, by: Callable[[int, float], Tours]) -> list[Tours | None]:
    """Return by what each fire is served: tours within its time, or None, at any time, where it has none yet."""
    whole = np.inf if state.anew else None
    times = [whole if limit is None else limit for limit in state.limits]
    return [None if time is None else by(fire, time) for fire, time in enumerate(times)]


def by_tours(served: Sequence[Tours | None]) -> list[Tours] | None:
    """Return the lists where every fire is served by tours; None where one is served at any time."""
    lists = [each for each in served if each is not None]
    return lists if len(lists) == len(served) else None


@dataclass(frozen=True)
class Ask:
    """A question to the cover model, beside what is held."""

    minimise: str | None = None
    gap: float = 0.0
    single: tuple[Bools, ...] = ()
    """By fire, the tours whose own minutes count."""
    share: float = 1.0
    """Of the seconds that are left."""


def _cover(state: Search, served: Sequence[Tours | None], ask: Ask, held: Mapping[str, float]) -> Cover:
    first = state.first
    single = [
        None
        if each is None
        else (each.arrives <= first.get(fire, -1.0)) | (ask.single[fire] if ask.single else np.zeros(len(each), bool))
        for fire, each in enumerate(served)
    ]
    blocks = [state.block(fire, *each) for fire, each in enumerate(zip(served, single, strict=True))]
    cover = Cover(state.pool, blocks)
    for what, value in held.items():
        cover.hold(what, value)
    for fire, minute in first.items():
        there = served[fire]
        if there is not None:
            cover.ask_one(fire, there.arrives <= minute)
    return cover


def possible(state: Search, served: Sequence[Tours | None], held: Mapping[str, float], *, cut: bool) -> bool:
    """Return whether parts of trips would do: where not, trips do not either. To `cut` is dearer, and refuses more."""
    if state.remaining() <= 0:
        raise OutOfTime
    return _cover(state, served, Ask(), held).possible(state.remaining(), cut=cut)


def solved(state: Search, served: Sequence[Tours | None], ask: Ask, held: Mapping[str, float] | None = None) -> Sent:
    """Return the answer to a question, `held` in place of all that is held if given. Raises OutOfTime without any."""
    cover = _cover(state, served, ask, state.held if held is None else held)
    try:
        answer = cover.solve(ask.minimise, ask.share * state.remaining(), ask.gap)
    except Apart:
        every = tuple(np.ones(0 if each is None else len(each), bool) for each in served)
        return solved(state, served, replace(ask, single=every), held)
    if answer.outcome is Outcome.STOPPED and answer.made is None:
        raise OutOfTime
    return answer


def made_by(lists: Sequence[Tours], answer: Sent) -> Made:
    """Return the trips of an answer."""
    return made(lists, answer.made or ())


def first_that_may(low: int, end: int, may: Callable[[int], bool], *, last: bool = False) -> int:
    """Return the first place from `low` that may do, `end` without any: where one may not, none before it does.

    Where the `last` one may, and is thought to be the first or soon after it, the search goes down from there.
    """
    step = 1
    while last and low < end - 1:
        place = max(low, end - 1 - step)
        if not may(place):
            low = place + 1
            break
        end, step = place + 1, 2 * step
    while low < end:
        middle = (low + end) // 2
        if may(middle):
            end = middle
        else:
            low = middle + 1
    return low


def first_that_does(low: int, end: int, does: Callable[[int], int | None]) -> int | None:
    """Return the first place from `low` that does; None when none before `end` does.

    `does` answers None or a place up to its own that does. It is dear, and mostly the first place does, or one soon
    after.
    """
    found, place, step = None, low, 1
    while found is None:
        if low >= end:
            return None
        place = min(place, end - 1)
        found = does(place)
        if found is None:
            low, place, step = place + 1, place + step, 2 * step
    while low < found:
        middle = (low + found) // 2
        better = does(middle)
        if better is None:
            low = middle + 1
        else:
            found = better
    return found
