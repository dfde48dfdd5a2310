"""How danger grades become warning signals, and who approves them (warnings.toml, optional)."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import Name, Rules

Grade = Annotated[int, Field(ge=2, le=5)]
Days = Annotated[int, Field(ge=1, le=30)]
Colour = Literal["blue", "yellow", "orange", "red"]


class Warnings(Rules):
    """How grades become warning signals (warnings.toml)."""

    blue_from_grade: Grade = 2
    yellow_from_grade: Grade = 3
    orange_from_grade: Grade = 4
    red_from_grade: Grade = 5
    blue_days: Days = 1
    yellow_days: Days = 1
    orange_days: Days = 1
    red_days: Days = 1
    lower_after_days: int = Field(1, ge=0, le=14)
    """Whole days that must not ask for a signal before it is lowered; today must not either."""
    use_forecast_days: int = Field(0, ge=0, le=7)
    """Days ahead whose forecast grades count like those up to today."""
    out_of_season: Literal["nothing", "draft"] = "nothing"
    approve: Literal["officer", "standing"] = "officer"
    standing_colours: list[Colour] = Field(default_factory=list)
    """Colours which the standing rule may issue, change and lift by itself."""
    standing_rule_zh: Name = "预警发布常规授权"
    standing_rule_en: Name = "Standing approval rule"
    approve_within_minutes: int = Field(30, ge=1, le=1440)
    valid_hours: int = Field(24, ge=1, le=168)
    signatures_zh: list[Name] = Field(["应急管理部门", "林业和草原主管部门", "气象主管机构"], min_length=1)
    """Bodies in whose names warnings are issued jointly, never persons; in English in the same order."""
    signatures_en: list[Name] = Field(
        ["Emergency management department", "Forestry and grassland department", "Meteorological service"],
        min_length=1,
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        grades = (self.blue_from_grade, self.yellow_from_grade, self.orange_from_grade, self.red_from_grade)
        if any(low > high for low, high in pairwise(grades)):
            raise ValueError("a higher signal needs a grade that is not lower: blue, yellow, orange, red must not fall")
        if (self.approve == "standing") != bool(self.standing_colours):
            raise ValueError('standing_colours: name the colours if, and only if, approve = "standing"')
        if len(self.signatures_zh) != len(self.signatures_en):
            raise ValueError("signatures_en: needs as many bodies as signatures_zh")
        return self
