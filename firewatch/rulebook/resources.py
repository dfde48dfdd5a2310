"""How long people work and rest, and when it is night (resources.toml)."""

from typing import Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Minutes, Rules


class Resources(Rules):
    """How long people work and rest, and when it is night (resources.toml)."""

    rest_after_hours: float = Field(16, gt=0, le=72)
    """Hours of work after which people must rest before they are planned again."""
    rest_hours: float = Field(8, gt=0, le=72)
    """Hours off in one piece that make up for whatever was worked before."""
    back_after_minutes: Minutes = 90
    """How long after their release people count as being back."""
    night_from: MinuteOfDay = 1260
    """Local time from which the turnout by night counts, in minutes of the day; written as 21:00."""
    night_until: MinuteOfDay = 360
    """Local time until which it counts."""

    @model_validator(mode="after")
    def _night(self) -> Self:
        if self.night_from % 1440 == self.night_until % 1440:
            raise ValueError("night_until is the same as night_from: by which of the two does everybody turn out?")
        return self
