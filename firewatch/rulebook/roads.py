"""How travel minutes are made where a road network is in place (roads.toml, optional)."""

from typing import Annotated

from pydantic import Field

from firewatch.rulebook.alliance import Rules

Kmh = Annotated[float, Field(gt=0, le=130)]


class Speeds(Rules):
    """What a crew carrier drives on each class of OpenStreetMap's roads, in km/h; a tagged limit below it counts."""

    motorway: Kmh = 80
    trunk: Kmh = 60
    primary: Kmh = 50
    secondary: Kmh = 45
    tertiary: Kmh = 40
    unclassified: Kmh = 30
    residential: Kmh = 25
    living_street: Kmh = 15
    service: Kmh = 20
    track: Kmh = 15


class Roads(Rules):
    """How travel minutes are made where a road network is in place (roads.toml)."""

    off_road_at_most_km: float = Field(10.0, gt=0, le=30)
    """A place farther from every road is estimated: the extract does not cover it."""
    off_path_factor: float = Field(0.6, gt=0, le=1)
    """Of Tobler's walking speed, for people with tools and no path."""
    margin_km: float = Field(30.0, ge=0, le=500)
    """Roads so far around the zones and resources are kept when the network is built."""
    speed_kmh: Speeds = Speeds()
