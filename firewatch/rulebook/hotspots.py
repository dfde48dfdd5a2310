"""How hot spots seen by satellites become questions to people (hotspots.toml, optional)."""

from typing import Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import Lat, Lon, Name, Rules

Source = Literal["VIIRS_NOAA20_NRT", "VIIRS_NOAA21_NRT", "VIIRS_SNPP_NRT", "MODIS_NRT"]


class HeatSource(Rules):
    """A place that is hot by trade, such as a kiln: what is seen there is kept, and nobody is asked."""

    name: Name
    lat: Lat
    lon: Lon
    radius_km: float = Field(1.0, gt=0, le=10)


class Hotspots(Rules):
    """How hot spots become questions to people (hotspots.toml)."""

    sources: list[Source] = Field(["VIIRS_NOAA20_NRT", "VIIRS_NOAA21_NRT", "VIIRS_SNPP_NRT", "MODIS_NRT"], min_length=1)
    poll_minutes: int = Field(15, ge=5, le=240)
    cluster_km: float = Field(1.0, gt=0, le=10)
    cluster_hours: float = Field(12.0, gt=0, le=48)
    min_confidence: Literal["low", "nominal", "high"] = "nominal"
    """A weaker detection is kept and joins a cluster, but nobody is asked about weak ones alone."""
    buffer_km: float = Field(5.0, ge=0, le=50)
    """How far around the zones detections count."""
    max_age_hours: int = Field(24, ge=6, le=48)
    """Of the newest detection of a cluster, so that nobody is sent to look for what is long over."""
    deadline_minutes: int = Field(60, ge=5, le=1440)
    remind_before_minutes: int = Field(20, ge=0, le=1440)
    """Before the deadline the same person is asked again; 0 leaves that out."""
    burn_holds_hours: int = Field(12, ge=0, le=72)
    """How long after "controlled burn" the same ground is not asked about again."""
    silent_after_minutes: int = Field(180, ge=15, le=2880)
    """After so long without an answer a source's silence is an alarm."""
    mask: list[HeatSource] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.remind_before_minutes >= self.deadline_minutes:
            raise ValueError("remind_before_minutes: needs to be less than deadline_minutes")
        if len(set(self.sources)) != len(self.sources):
            raise ValueError("sources: each only once")
        return self
