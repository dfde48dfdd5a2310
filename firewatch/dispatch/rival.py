"""The smallest sum of arrivals by another way at the same time: all trips at once as wholes, on the other core.

On some days dividing by numbers (`kinds`) is the quicker by far, on others the solver's own search is, and there is no
telling before. What one finds the other goes on from, and who is first to prove a sum ends the search. On one core both
take twice as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic

import numpy as np

from firewatch.dispatch.columns import Columns
from firewatch.dispatch.milp import Answer, Outcome, SolverFailed
from firewatch.dispatch.pricing import Bound
from firewatch.indices.checks import Ints

NEARLY = 0.02
"""How near to the smallest sum a plan comes before the proof is begun."""
TRYING = 0.6
"""Of the seconds, at the most spent on that."""
TOO_MANY = 15_000
"""Trips; so many at once were never settled, and the solver has been seen to forget its clock over them."""


@dataclass(frozen=True)
class News:
    """How often each trip of the lists is made in a plan that was found, if one was, and what no plan falls below."""

    times: list[Ints] | None
    bound: float


class Rival:
    """One such search. Whoever begins it has to stop it."""

    def __init__(self, columns: Columns, bound: Bound, known: float, seconds: float) -> None:
        """Begin to look for plans below the sum that is known."""
        self.known = known
        """The least sum that is known: whoever knows of a lesser one says so."""
        self._columns, self._bound, self._end = columns, bound, monotonic() + seconds
        self._candidates, self._news = columns.candidates(), SimpleQueue[News]()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="rival", daemon=True)
        self._thread.start()

    def has_news(self) -> bool:
        """Return whether there is something to hear."""
        return not self._news.empty()

    def news(self) -> News | None:
        """Return what there is to hear next."""
        return self._news.get() if self.has_news() else None

    def wait(self) -> None:
        """Wait until it has ended by itself, or time is over."""
        self._thread.join(max(0.0, self._end - monotonic()))

    def stop(self) -> None:
        """Tell it to end; the solver takes a moment, and nobody waits for that."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self._ask(self._candidates, TRYING, NEARLY)
            ceiling = self.known
            trips = below(self._columns, self._bound, ceiling)
            if sum(map(len, trips)) <= TOO_MANY:
                answer = self._ask(trips, 1.0, 0.0)
                if answer.outcome is not Outcome.INFEASIBLE:  # then it failed: the plan that is known is one of these
                    self._news.put(News(None, min(ceiling, answer.bound)))
            else:
                self._ask(self._candidates, 1.0, 0.0)
        except SolverFailed:
            return  # the other way goes on

    def _ask(self, trips: Sequence[Ints], share: float, gap: float) -> Answer:
        answer, times = self._columns.whole(trips, share * (self._end - monotonic()), gap, self._stop)
        if times is not None:
            self.known = min(self.known, answer.objective)
            self._news.put(News(times, self._bound.value))
        return answer


def below(columns: Columns, bound: Bound, ceiling: float) -> list[Ints]:
    """Return the trips that may be part of a plan whose arrivals sum up to no more than a ceiling."""
    room = ceiling - bound.value + 1e-6 * max(1.0, abs(ceiling))
    return [np.flatnonzero(left & (beyond <= room)) for left, beyond in zip(columns.left, bound.reduced, strict=True)]
