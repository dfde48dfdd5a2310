"""Classes of fires and what has to be reported upward, by law and by date (fire_classes.toml)."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from firewatch.rulebook.alliance import Name, Rules, Slug

Count = Annotated[int, Field(ge=0)]


def _rising(begins: tuple[float, ...]) -> tuple[float, ...]:
    if list(begins) != sorted(set(begins)):
        raise ValueError("the four numbers need to rise: ordinary, large, major, extraordinary")
    return begins


Begins = Annotated[tuple[float, float, float, float], AfterValidator(_rising)]
"""From which number on a fire is ordinary, large, major, extraordinary."""


class ClassRule(Rules):
    """Where the classes begin, from a day on."""

    since: date
    name_zh: Name
    name_en: Name
    forest_ha: Begins | None = None
    grassland_ha: Begins | None = None
    deaths: Begins | None = None
    serious_injuries: Begins | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.forest_ha, self.grassland_ha, self.deaths, self.serious_injuries)):
            raise ValueError("needs at least one of forest_ha, grassland_ha, deaths, serious_injuries")
        return self


class UpwardRule(Rules):
    """What has to be reported upward, from a day on; any one of its conditions is enough."""

    id: Slug
    since: date
    name_zh: Name
    name_en: Name
    within_minutes: int = Field(0, ge=0, le=10_080)
    """0: at once."""
    burnt_forest_over_ha: float | None = Field(None, ge=0)
    burnt_grassland_over_ha: float | None = Field(None, ge=0)
    deaths: Count | None = None
    serious_injuries: Count | None = None
    stakes: list[Slug] = Field(default_factory=list)
    """What at stake is enough, by its id in dispatch.toml."""


class FireClasses(Rules):
    """Classes of fires and what has to be reported upward (fire_classes.toml)."""

    rule: list[ClassRule] = Field(min_length=1)
    upward: list[UpwardRule] = Field(default_factory=list)

    def rule_on(self, on: date) -> ClassRule | None:
        """Return the rule of a day: the newest that was in force."""
        return max((each for each in self.rule if each.since <= on), key=lambda each: each.since, default=None)

    def upward_on(self, on: date) -> list[UpwardRule]:
        """Return what has to be reported on a day: of every id the newest that was in force."""
        newest: dict[str, UpwardRule] = {}
        for each in sorted(self.upward, key=lambda each: each.since):
            if each.since <= on:
                newest[each.id] = each
        return list(newest.values())

    @model_validator(mode="after")
    def _one_a_day(self) -> Self:
        if len({each.since for each in self.rule}) < len(self.rule):
            raise ValueError("has two rules of the same day")
        if len({(each.id, each.since) for each in self.upward}) < len(self.upward):
            raise ValueError("has two tables upward of the same id and day")
        return self
