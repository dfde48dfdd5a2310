"""How long people work and rest, when it is night, how long positions are believed (resources.toml)."""

from typing import Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Minutes, Rules


class Resources(Rules):
    """How long people work and rest, when it is night, how long positions are believed (resources.toml)."""

    rest_after_hours: float = Field(16, gt=0, le=72)
    """Hours of work after which people must rest before they are planned again."""
    rest_hours: float = Field(8, gt=0, le=72)
    """Hours off in one piece that make up for whatever was worked before."""
    back_after_minutes: Minutes = 90
    """How long after their release people count as being back."""
    crew_fix_minutes: Minutes = 60
    """How long it is believed that a crew is where it was seen."""
    vehicle_fix_minutes: Minutes = 15
    """The same of a vehicle."""
    fix_margin_km: float = Field(1.0, ge=0, le=20)
    """So near its home it counts as being there; a proposal is made anew for whoever moved further than that."""
    night_from: MinuteOfDay = 1260
    """Local time from which the turnout by night counts, in minutes of the day; written as 21:00."""
    night_until: MinuteOfDay = 360
    """Local time until which it counts."""

    @model_validator(mode="after")
    def _night(self) -> Self:
        if self.night_from % 1440 == self.night_until % 1440:
            raise ValueError("night_until is the same as night_from: by which of the two does everybody turn out?")
        return self
