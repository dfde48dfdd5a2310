"""When a reading is not believed: `[quality]` of weather.toml. What each check does stands in weather/quality.py."""

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import Rules

Range = tuple[float, float]
"""Closed: both ends are believed."""
MISSING_BETWEEN = 3
"""So many missing hours running make strangers of no neighbours."""


class Quality(Rules):
    """Limits of the checks of hourly weather. A limit of 0 switches its check off."""

    temp_c: Range = (-60.0, 60.0)
    rh_pct: Range = (0.0, 105.0)
    wind_kmh: Range = (0.0, 250.0)
    rain_mm: Range = (0.0, 250.0)
    """Of one hour: 201.9 mm fell at Zhengzhou on 20 July 2021, the most measured in an hour in mainland China."""
    snow_depth_cm: Range = (0.0, 1500.0)
    temp_spike_c: float = Field(10.0, ge=0)
    """One hour that stands out from both its neighbours, to the same side, by more than this."""
    rh_spike_pct: float = Field(60.0, ge=0)
    wind_spike_kmh: float = Field(60.0, ge=0)
    snow_spike_cm: float = Field(50.0, ge=0)
    temp_step_c: float = Field(20.0, ge=0)
    """A change from one hour to the next that no front makes."""
    rh_step_pct: float = Field(85.0, ge=0)
    wind_step_kmh: float = Field(100.0, ge=0)
    snow_step_cm: float = Field(100.0, ge=0)
    stuck_hours: int = Field(24, ge=0, le=96)
    """Hours running with the very same temperature, humidity or wind."""
    calm_hours: int = Field(48, ge=0, le=96)
    """The same for a wind of 1 km/h or less: calm nights are common, calm days are not."""
    stuck_rain_hours: int = Field(12, ge=0, le=96)
    equal_points: int = Field(3, ge=0)
    """So many points of one source at least have to have the very same value for it to be suspect."""
    equal_hours: int = Field(6, ge=1, le=96)
    """For so many hours running; when temperature, humidity and wind are equal at once, one hour is enough."""
    equal_calm_hours: int = Field(12, ge=1, le=96)
    """The same for a wind of 1 km/h or less everywhere."""

    @model_validator(mode="after")
    def _ranges(self) -> "Quality":
        for name in ("temp_c", "rh_pct", "wind_kmh", "rain_mm", "snow_depth_cm"):
            low, high = getattr(self, name)
            if not low < high:
                raise ValueError(f"{name}: the range {low:g} to {high:g} is empty")
        return self

    def reach(self) -> int:
        """Return how many hours before and after an hour may have a say in whether it is believed."""
        longest = max(self.stuck_hours, self.calm_hours, self.stuck_rain_hours)
        return max(longest, self.equal_hours, self.equal_calm_hours, 8) + MISSING_BETWEEN
