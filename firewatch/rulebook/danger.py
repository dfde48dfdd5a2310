"""How weather becomes a danger grade (danger.toml)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Rules, Slug
from firewatch.rulebook.season import Season

Share = Annotated[float, Field(ge=0, le=100)]
Thresholds = tuple[float, float, float, float]
"""The FWI at which grades 2, 3, 4 and 5 begin."""


class Percentiles(Rules):
    """How `firewatch danger percentiles` finds thresholds in the archive."""

    levels: tuple[float, float, float, float] = (60.0, 80.0, 90.0, 97.0)
    """Of the in-season days: the class limits of Jolly et al. 2019 (Fire 2(3) 47), who grade in five as well."""
    min_days: int = Field(300, ge=30)
    min_seasons: int = Field(3, ge=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not 0 < self.levels[0] < self.levels[1] < self.levels[2] < self.levels[3] < 100:
            raise ValueError("levels must rise, between 0 and 100")
        return self


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
    fwi_thresholds: Thresholds = (5.2, 11.2, 21.3, 38.0)
    calibrated: bool = False
    fwi_thresholds_by_zone: dict[Slug, Thresholds] = Field(default_factory=dict)
    """From a zone's own percentiles; they take the place of `fwi_thresholds` there, and count as calibrated."""
    season: Season = Season()
    percentiles: Percentiles = Percentiles()
    snow_cover_depth_cm: float = Field(2.0, gt=0)
    green_pct: dict[Slug, Annotated[list[Share], Field(min_length=12, max_length=12)]]
    """Green share of the ground by zone, January to December."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted({0.0, *self.fwi_thresholds}) != [0.0, *self.fwi_thresholds]:
            raise ValueError("fwi_thresholds must rise from above 0")
        for zone, begins in self.fwi_thresholds_by_zone.items():
            if sorted({0.0, *begins}) != [0.0, *begins]:
                raise ValueError(f"fwi_thresholds_by_zone: {zone} must rise from above 0")
        return self

    def thresholds(self, zone_id: str) -> Thresholds:
        """Return the FWI thresholds of a zone."""
        return self.fwi_thresholds_by_zone.get(zone_id, self.fwi_thresholds)

    def is_calibrated(self, zone_id: str) -> bool:
        """Return whether a zone's thresholds come from local percentiles."""
        return self.calibrated or zone_id in self.fwi_thresholds_by_zone
