"""How ready the pool stands between fires: zones whose reserve is short, who could move up, and the first attack.

Nobody who is free is sent anywhere by it. What was found stands until a resource, a closure, a reserve or the minutes
change: pages ask every few seconds.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.dispatch import first_attack, isochrones, reserves
from firewatch.dispatch.isochrones import Band, Window
from firewatch.dispatch.move_ups import MoveUp, move_ups
from firewatch.dispatch.objectives import reserve_gaps
from firewatch.dispatch.plan import ReserveGap
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.snapshot import snapshot
from firewatch.dispatch.standing import closures
from firewatch.dispatch.travel import Place, Start, Travel
from firewatch.resources import pool
from firewatch.roads.closed import Closure
from firewatch.rulebook.read import Rulebook

MOST_PICTURES: Final = 8
"""Windows whose picture is kept; with more it is begun anew."""


@dataclass(frozen=True)
class Picture:
    """The first attack over a window: outlines, the widest first, and the share of it that is estimated."""

    bands: Sequence[Band]
    estimated: float


@dataclass(frozen=True)
class Ready:
    """The pool as it stands, without a fire: `problem` tells who is free and how the minutes were made."""

    problem: Problem
    spots: Mapping[str, Place]
    """Where each place of the problem is."""
    gaps: Sequence[ReserveGap]
    moves: Sequence[MoveUp]
    starts: Sequence[Start]
    """Where a first attack could set out from; empty: nobody is available."""
    closed: Collection[Closure]
    pictures: dict[Window, Picture] = field(default_factory=dict, compare=False)


class Readiness:
    """Answers of one service, kept as long as they hold."""

    def __init__(self, book: Rulebook, travel: Travel) -> None:
        """Take the rules and what knows the minutes."""
        self._book, self._travel = book, travel
        self._last: tuple[Hashable, Ready] | None = None

    def look(self, session: Session, clock: Clock) -> Ready:
        """Return how ready the pool stands now."""
        free, closed = pool.free(session, clock.now(), self._book.resources), closures(session)
        # Of a row all that a plan may depend on, so that no change is missed.
        rows = tuple(row.model_dump_json() for row in (*free.crews, *free.vehicles, *pool.depots(session)))
        key = rows, tuple(reserves.of_today(session, clock, self._book)), tuple(closed), self._travel.edition
        last = self._last
        if last is None or last[0] != key:
            last = self._last = key, self._find(session, clock, closed)
        return last[1]

    def picture(self, ready: Ready, window: Window) -> Picture:
        """Return the first attack over a window."""
        found = ready.pictures.get(window)
        if found is None:
            lat, lon = window.points()
            soonest = first_attack.minutes(ready.starts, self._travel, lat, lon, ready.closed)
            limits = self._book.dispatch.first_attack_minutes
            found = Picture(isochrones.bands(window, soonest.minutes, limits), soonest.estimated)
            if len(ready.pictures) >= MOST_PICTURES:
                ready.pictures.clear()
            ready.pictures[window] = found
        return found

    def _find(self, session: Session, clock: Clock, closed: Sequence[Closure]) -> Ready:
        problem = snapshot(session, clock, self._book, [], self._travel)
        spots = {f"vehicle:{row.id}": (row.lat, row.lon) for row in pool.vehicles(session)}
        spots |= {f"crew:{row.id}": (row.lat, row.lon) for row in pool.crews(session)}
        spots |= {reserves.place(zone.id): (zone.label[1], zone.label[0]) for zone in self._book.zones}
        gaps = reserve_gaps(problem, [])
        return Ready(
            problem=problem,
            spots=spots,
            gaps=gaps,
            moves=move_ups(problem, []) if gaps else [],
            starts=first_attack.starts(problem, spots, self._book.dispatch.first_attack_people),
            closed=closed,
        )
