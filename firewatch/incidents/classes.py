"""Which class a fire has by its damaged area and casualties, and what its burnt area has reported upward. Pure.

A number that is not known is no zero: it may only raise what the known ones say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firewatch.incidents.models import FireClass
from firewatch.rulebook.fire_classes import ClassRule, UpwardRule


class Figure(StrEnum):
    """What is known of a fire in numbers, or not; and what is at stake."""

    BURNT_FOREST = "burnt_forest_ha"
    BURNT_GRASSLAND = "burnt_grassland_ha"
    DAMAGED_FOREST = "damaged_forest_ha"
    DAMAGED_GRASSLAND = "damaged_grassland_ha"
    DEATHS = "deaths"
    SERIOUS_INJURIES = "serious_injuries"
    STAKE = "stake"


NUMBERS = tuple(figure for figure in Figure if figure is not Figure.STAKE)


@dataclass(frozen=True)
class Known:
    """The figures of a fire; None is not known."""

    burnt_forest_ha: float | None = None
    burnt_grassland_ha: float | None = None
    damaged_forest_ha: float | None = None
    damaged_grassland_ha: float | None = None
    deaths: int | None = None
    serious_injuries: int | None = None
    stake: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """A class by the table; None: below all its numbers, which is not counted as a fire."""

    fire_class: FireClass | None
    because: Sequence[Figure]
    """The figures that make it that class."""
    unknown: Sequence[Figure]
    """Those that might still raise it."""


@dataclass(frozen=True)
class Due:
    """What has to be reported upward, and why."""

    rule: UpwardRule
    because: Sequence[Figure]


def suggest(rule: ClassRule, known: Known) -> Suggestion | None:
    """Return the class by the highest of the figures; None as long as none is known that the rule asks for."""
    asked = {
        Figure.DAMAGED_FOREST: rule.forest_ha,
        Figure.DAMAGED_GRASSLAND: rule.grassland_ha,
        Figure.DEATHS: rule.deaths,
        Figure.SERIOUS_INJURIES: rule.serious_injuries,
    }
    steps: dict[Figure, int] = {}
    unknown: list[Figure] = []
    for figure, begins in asked.items():
        value = getattr(known, figure)
        if begins is None:
            continue
        if value is None:
            unknown.append(figure)
        else:
            steps[figure] = sum(value >= begin for begin in begins)
    if not steps:
        return None
    highest = max(steps.values())
    if highest == 0:
        return Suggestion(None, (), unknown)
    because = [figure for figure, step in steps.items() if step == highest]
    return Suggestion(list(FireClass)[highest - 1], because, unknown)


def due_upward(rules: Iterable[UpwardRule], known: Known) -> list[Due]:
    """Return what has to be reported, each with the figures that make it so."""
    found = (Due(rule, _because(rule, known)) for rule in rules)
    return [due for due in found if due.because]


def _because(rule: UpwardRule, known: Known) -> list[Figure]:
    """Areas have to exceed their number, people to reach it: 超过 and 以上."""
    enough = {
        Figure.BURNT_FOREST: _over(known.burnt_forest_ha, rule.burnt_forest_over_ha),
        Figure.BURNT_GRASSLAND: _over(known.burnt_grassland_ha, rule.burnt_grassland_over_ha),
        Figure.DEATHS: _reached(known.deaths, rule.deaths),
        Figure.SERIOUS_INJURIES: _reached(known.serious_injuries, rule.serious_injuries),
        Figure.STAKE: known.stake in rule.stakes,
    }
    return [figure for figure, is_enough in enough.items() if is_enough]


def _over(value: float | None, number: float | None) -> bool:
    return value is not None and number is not None and value > number


def _reached(value: int | None, number: int | None) -> bool:
    return value is not None and number is not None and value >= number
