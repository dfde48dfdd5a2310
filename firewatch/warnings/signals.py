"""From danger grades by day to a warning signal. Pure.

The two scales run in opposite directions and are never mixed: a danger *grade* rises from 1 (low) to 5 (extreme); a
warning *signal* is one of the four colours of the law, red = first class is the highest. A day without data (NO_DATA)
says nothing: it never raises a signal, and it never lowers one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

NO_DATA: Final = 0
HIGHEST_GRADE: Final = 5
PROLONG_BEFORE: Final = timedelta(hours=3)
"""How long before a warning ends its prolongation is drafted, or a quarter of its validity if that is less."""


class Signal(StrEnum):
    """The colours of the law, the lowest first."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


CLASS_OF: Final[Mapping[Signal, int]] = MappingProxyType(
    {Signal.RED: 1, Signal.ORANGE: 2, Signal.YELLOW: 3, Signal.BLUE: 4}
)
"""The class of a signal: 1 is the highest."""


def rank(signal: Signal | None) -> int:
    """Return a number that rises with the danger: 0 for no signal, 4 for red."""
    return 5 - CLASS_OF[signal] if signal else 0


class Action(StrEnum):
    """What a version of a warning does to what was in force before it."""

    ISSUE = "issue"
    RAISE = "raise"
    LOWER = "lower"
    PROLONG = "prolong"
    LIFT = "lift"


WORSENING: Final = frozenset({Action.ISSUE, Action.RAISE})
"""What the agencies are told of by message."""


class Why(StrEnum):
    """Why a signal is what it is."""

    GRADES = "grades"
    HELD = "held"  # the grades are lower already, but not for long enough
    NO_DATA = "no_data"  # there is nothing to lower it on
    OUT_OF_SEASON = "out_of_season"
    BY_HAND = "by_hand"  # an officer's own judgement


@dataclass(frozen=True)
class Trigger:
    """A colour is asked for by so many days running at a grade or above."""

    from_grade: int
    days: int = 1


@dataclass(frozen=True)
class Rules:
    """How grades become signals; a signal is lowered after `lower_after_days` whole days that did not ask for it."""

    triggers: Mapping[Signal, Trigger]
    lower_after_days: int = 1
    forecast_days: int = 0

    @property
    def history_days(self) -> int:
        """How many days up to today a decision looks at."""
        return max(trigger.days for trigger in self.triggers.values()) + self.lower_after_days


@dataclass(frozen=True)
class Grades:
    """A zone's grades, NO_DATA to 5: of the days up to today, the oldest first, and of the days ahead."""

    past: Sequence[int]
    ahead: Sequence[int] = ()


@dataclass(frozen=True)
class Standing:
    """The signal in force, and how many days ago it came to be."""

    signal: Signal
    days: int


@dataclass(frozen=True)
class Decision:
    """The signal that ought to be in force; `no_data` tells that today has no grade of its own."""

    target: Signal | None
    why: Why
    no_data: bool


def wanted(rules: Rules, grades: Grades, unknown: int = NO_DATA) -> Signal | None:
    """Return the highest signal the grades ask for; a day without data counts as the grade `unknown`.

    The days running must reach today, or end within the days ahead.
    """
    days = [grade or unknown for grade in (*grades.past, *grades.ahead)]
    today = len(grades.past) - 1
    asked = (signal for signal, trigger in rules.triggers.items() if _runs(days, today, trigger))
    return max(asked, key=rank, default=None)


def _runs(days: Sequence[int], today: int, trigger: Trigger) -> bool:
    """Return whether enough days running, up to today or one ahead, have the grade."""
    run = 0
    for place, grade in enumerate(days):
        run = run + 1 if grade >= trigger.from_grade else 0
        if place >= today and run >= trigger.days:
            return True
    return False


def decide(rules: Rules, grades: Grades, standing: Standing | None) -> Decision:
    """Return the signal that ought to be in force in a zone in season.

    It is raised at once. It is lowered when neither today nor the days before, as many as the rules say, asked for it,
    and not before it has stood for as many. For raising, a day without data counts as low; for lowering, as extreme.
    """
    known = _whole(rules, grades)
    no_data = known.past[-1] == NO_DATA
    asked = wanted(rules, known)
    if standing is None or rank(asked) >= rank(standing.signal):
        return Decision(asked, Why.GRADES, no_data)
    young = standing.days < rules.lower_after_days
    # Even where the days before would do: nothing is lowered on a day that nobody knows.
    blind = NO_DATA in known.past[-rules.lower_after_days - 1 :]
    floor = standing.signal if young or blind else _floor(rules, known, HIGHEST_GRADE)
    target = min(floor, standing.signal, key=rank)
    if target != standing.signal:
        return Decision(target, Why.GRADES, no_data)
    held = young or rank(_floor(rules, known, NO_DATA)) >= rank(standing.signal)
    return Decision(target, Why.HELD if held else Why.NO_DATA, no_data)


def _whole(rules: Rules, grades: Grades) -> Grades:
    """Return the grades of exactly the days a decision looks at; a day that is not there has no data."""
    past = [*[NO_DATA] * rules.history_days, *grades.past][-rules.history_days :]
    ahead = [*grades.ahead, *[NO_DATA] * rules.forecast_days][: rules.forecast_days]
    return Grades(past, ahead)


def _floor(rules: Rules, grades: Grades, unknown: int) -> Signal | None:
    """Return the highest signal asked for today or on the days before that matter; only today looks ahead."""
    views = [grades, *(Grades(grades.past[:-back]) for back in range(1, rules.lower_after_days + 1))]
    return max((wanted(rules, view, unknown) for view in views), key=rank)


def out_of_season() -> Decision:
    """Return the decision for a zone out of season: nothing is in force, whatever the grades."""
    return Decision(None, Why.OUT_OF_SEASON, no_data=False)


def action(target: Signal | None, standing: Signal | None) -> Action | None:
    """Return what leads from the signal in force to the one that ought to be; None when they are the same."""
    if rank(target) == rank(standing):
        return None
    if standing is None:
        return Action.ISSUE
    if target is None:
        return Action.LIFT
    return Action.RAISE if rank(target) > rank(standing) else Action.LOWER


def ends_soon(now: datetime, valid_from: datetime, valid_to: datetime) -> bool:
    """Return whether a warning has to be prolonged now if it is to stay in force."""
    return valid_to - now <= min(PROLONG_BEFORE, (valid_to - valid_from) / 4)
