"""When it is fire season (the table `season` of danger.toml)."""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from firewatch.rulebook.alliance import Name, Rules, Slug

DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _month_day(text: object) -> object:
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"(\d\d)-(\d\d)", text)
    if match is None or not 1 <= int(match[1]) <= 12 or not 1 <= int(match[2]) <= DAYS_IN_MONTH[int(match[1]) - 1]:
        raise ValueError("a day of the year looks like 11-01 (month-day)")
    return int(match[1]), int(match[2])


DayOfYear = Annotated[tuple[int, int], BeforeValidator(_month_day)]


class SeasonWindow(Rules):
    """A season of the law: both days are in it; it may run over New Year."""

    vegetation: Name
    """Whose season it is, for example forest or grassland."""
    first: DayOfYear
    last: DayOfYear
    zones: list[Slug] = Field(default_factory=list)
    """In which zones it counts; none named: in all."""


class Season(Rules):
    """When it is fire season, and what the FWI codes do in between."""

    rule: Literal["calendar", "thaw", "snow", "year_round"] = "year_round"
    window: list[SeasonWindow] = Field(default_factory=list)
    """For the rule `calendar`."""
    start_c: float = Field(12.0, ge=-20, le=40)
    """For `thaw`: three days running with a maximum above it begin the season."""
    end_c: float = Field(5.0, ge=-30, le=30)
    """For `thaw` and `snow`: three days running with a maximum below it end it (with snow on the ground for `snow`)."""
    overwinter: bool = True
    """Whether DC starts from the autumn's and the winter's rain, not from 15."""
    carry_over: float = Field(0.75, gt=0, le=1)
    """The share of the autumn's moisture that is still there in spring (a)."""
    wetting: float = Field(0.75, ge=0, le=1)
    """The share of the winter's rain that stays (b)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.start_c > self.end_c:
            raise ValueError("start_c needs to be above end_c")
        if self.rule == "calendar" and not self.window:
            raise ValueError("the rule calendar needs at least one window")
        return self

    def windows(self, zone_id: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return the windows that count in a zone, as first and last (month, day)."""
        return [(each.first, each.last) for each in self.window if not each.zones or zone_id in each.zones]
