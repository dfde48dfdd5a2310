"""The cover model: what serves each fire (`blocks`), and the rows that all fires share (dispatch.md §4).

There is no time in it: whoever asks for a completion time leaves the slower trips out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.blocks import COSTS, SHARED, Block, join
from firewatch.dispatch.milp import ROUNDS, Answer, Outcome, Program
from firewatch.dispatch.parts import made_of
from firewatch.dispatch.tours import NONE, Choice
from firewatch.indices.checks import Bools, Ints

SLACK = 1e-6
"""By how much a sum of fractions may exceed the value it is held to."""


@dataclass(frozen=True)
class Sent:
    """What an answer sends: how often each tour of each fire is made, and the groups sent at any time."""

    outcome: Outcome
    objective: float
    bound: float
    made: tuple[Ints, ...] | None
    choices: tuple[Choice, ...]


class Cover:
    """The model of one question; rows of what is to be held are added before it is solved."""

    def __init__(self, pool: Pool, blocks: Sequence[Block]) -> None:
        """Serve each fire by its block."""
        self.pool, self.blocks = pool, blocks
        self.program = Program()
        self._first = [self.program.append(block.program) for block in blocks]
        shifted = list(zip(blocks, self._first, strict=True))
        self._costs = {
            name: (
                join([block.costs[name][0] + first for block, first in shifted]),
                join([block.costs[name][1] for block in blocks]),
            )
            for name in COSTS
        }
        self._taken = {
            name: (
                join([block.taken[name][0] for block in blocks]),
                join([block.taken[name][1] + first for block, first in shifted]),
                join([block.taken[name][2] for block in blocks]),
            )
            for name in SHARED
        }
        # Nobody goes twice, nothing is taken twice.
        stocks = len(pool.units)
        self.program.rows(self._taken["stocks"], np.full(stocks, -np.inf), pool.units.astype(np.float64))
        going = [self._going(*each) for each in zip(("vehicles", "crews"), pool.counts, strict=True)]
        weights = np.array([zone.weight for zone in pool.reserves], dtype=np.float64)
        self._costs["reserve"] = add_missing(pool, self.program, going), weights

    def _going(self, name: str, there: Ints) -> Ints:
        """Add how many of each group go to some fire, and return the variables."""
        going, rows = self.program.sums(there)
        group, column, factor = self._taken[name]
        self.program.count(rows[group], column, factor)
        return going

    def hold(self, what: str, at_most: float) -> None:
        """Let an objective be no worse than a value."""
        columns, factors = self._costs[what]
        if at_most <= SLACK and (factors >= 1e-3).all():
            for column in columns.tolist():
                self.program.high[column] = 0.0
        elif len(columns):
            self.program.row(columns, factors, high=with_slack(at_most))
        if what == "reserve":
            self._keep_back(at_most)

    def _keep_back(self, held: float) -> None:
        """Send nobody with whom alone too many would leave a zone: without whole numbers a part of him would go."""
        spared = np.array(spare(self.pool, held))
        for block, first in zip(self.blocks, self._first, strict=True):
            zone, column, people = block.leaving
            for each in np.unique(column[people > spared[zone]] + first).tolist():
                self.program.high[each] = 0.0

    def ask_one(self, fire: int, mask: Bools) -> None:
        """Ask for at least one of some tours of a fire, each of which is a part by itself."""
        parts = self.blocks[fire].parts
        if parts is not None:
            wanted = (parts.single != NONE) & mask[parts.single]
            self.program.row(self.blocks[fire].x[wanted] + self._first[fire], 1.0, low=1.0)

    def solve(self, minimise: str | None, seconds: float, gap: float = 0.0) -> Sent:
        """Minimise an objective, or find any answer."""
        cost = None
        if minimise is not None:
            cost = np.zeros(len(self.program.high))
            columns, factors = self._costs[minimise]
            np.add.at(cost, columns, factors)
        return self._sent(self.program.solve(cost, seconds, gap))

    def possible(self, seconds: float, *, cut: bool) -> bool:
        """Return whether there may be an answer; where not, there is none. To `cut` is dearer, and refuses more."""
        return self.program.possible(seconds, ROUNDS if cut else 0)

    def _sent(self, answer: Answer) -> Sent:
        if answer.values is None:
            return Sent(answer.outcome, answer.objective, answer.bound, None, ())
        whole = np.rint(answer.values).astype(np.int64)
        # Each block's own variables stand together.
        own = [
            whole[first : first + len(block.program.high)]
            for block, first in zip(self.blocks, self._first, strict=True)
        ]
        made = [
            np.zeros(0, dtype=np.int64)
            if block.parts is None
            else made_of(block.parts, values[block.x], values[block.z])
            for block, values in zip(self.blocks, own, strict=True)
        ]
        choices = [_choice(block, values) for block, values in zip(self.blocks, own, strict=True)]
        return Sent(answer.outcome, answer.objective, answer.bound, tuple(made), tuple(choices))


def _choice(block: Block, values: Ints) -> Choice:
    """Return what is sent to a fire at any time."""
    depots = np.zeros(len(block.pool.depots), dtype=bool)
    for (depot, _), y in block.loads.items():
        depots[depot] |= bool(values[y] > 0)
    return Choice(values[block.u] > 0, values[block.q] > 0, depots)


def add_missing(pool: Pool, program: Program, going: Sequence[Ints]) -> Ints:
    """Add how many lack at each zone: those who have to be there, but for those who are and do not go.

    `going` are the variables of how many of each group of vehicles, and of crews, go to some fire.
    """
    people = np.array([zone.people for zone in pool.reserves], dtype=np.float64)
    missing = program.add(people, whole=False)
    everybody, guards = np.concatenate(going), np.concatenate(pool.guards)
    for column, need, leaving in zip(missing.tolist(), (people - pool.present).tolist(), guards.T, strict=True):
        program.row_of_wholes(np.append(everybody, column), np.append(-leaving, 1.0), need)
    return missing


def with_slack(held: float) -> float:
    """Return what a sum of fractions that is held at a value may come to."""
    return held + SLACK * max(1.0, abs(held))


def spare(pool: Pool, held: float) -> list[float]:
    """Return how many people may leave each zone, at the most, while the reserve is held at a value."""
    present = pool.present.tolist()
    lacking = [max(0, zone.people - there) for zone, there in zip(pool.reserves, present, strict=True)]
    more = with_slack(held) - sum(z.weight * n for z, n in zip(pool.reserves, lacking, strict=True))
    return [
        max(0, there - zone.people) + (more / zone.weight if zone.weight > 0 else np.inf) + SLACK
        for zone, there in zip(pool.reserves, present, strict=True)
    ]
