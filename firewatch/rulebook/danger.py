"""How weather becomes a danger grade (danger.toml)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Rules, Slug

Share = Annotated[float, Field(ge=0, le=100)]


class Danger(Rules):
    """How weather becomes a grade (danger.toml)."""

    scheme: Literal["lyt1172", "fwi"] = "lyt1172"
    constant: Literal["vw1985", "exact"] = "vw1985"
    max_gap_days: int = Field(3, ge=0, le=30)
    after_day_8: Literal["plus5", "jump"] = "plus5"
    assess_at: MinuteOfDay
    """Local time by which every day has its grade, be it "no data"; new weather updates it at any hour."""
    history_days: int = Field(60, ge=0, le=400)
    """How far back an empty chain is begun when the weather is there."""
    fwi_thresholds: tuple[float, float, float, float] = (5.2, 11.2, 21.3, 38.0)
    calibrated: bool = False
    snow_cover_depth_cm: float = Field(2.0, gt=0)
    green_pct: dict[Slug, Annotated[list[Share], Field(min_length=12, max_length=12)]]
    """Green share of the ground by zone, January to December."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.fwi_thresholds)) != list(self.fwi_thresholds):
            raise ValueError("fwi_thresholds must rise")
        return self
