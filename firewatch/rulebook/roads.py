"""How travel minutes are made where a road network is in place (roads.toml, optional)."""

from typing import Annotated, Literal

from pydantic import Field

from firewatch.rulebook.alliance import Rules

Kmh = Annotated[float, Field(gt=0, le=130)]
RoadClass = Literal[
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "track",
]


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


class VehicleClass(Rules):
    """How a class of vehicles drives, against a crew carrier."""

    pace: float = Field(1.0, ge=0.3, le=3)
    """Its minutes for one of a crew carrier: below 1 it is faster. A tagged limit still counts."""
    slower_on: dict[RoadClass, float] = Field(default_factory=dict)
    """By class of road, how much more of these minutes it takes there."""

    def speeds(self, standard: Speeds) -> dict[str, float]:
        """Return its km/h on each class of road."""
        slower: dict[str, float] = dict(self.slower_on.items())
        return {name: kmh / self.pace / slower.get(name, 1.0) for name, kmh in standard.model_dump().items()}


class Roads(Rules):
    """How travel minutes are made where a road network is in place (roads.toml)."""

    off_road_at_most_km: float = Field(10.0, gt=0, le=30)
    """A place farther from every road is estimated: the extract does not cover it."""
    off_path_factor: float = Field(0.6, gt=0, le=1)
    """Of Tobler's walking speed, for people with tools and no path."""
    margin_km: float = Field(30.0, ge=0, le=500)
    """Roads so far around the zones and resources are kept when the network is built."""
    speed_kmh: Speeds = Speeds()
    light: VehicleClass = VehicleClass(pace=0.85)
    """Command vehicles, pick-ups."""
    heavy: VehicleClass = VehicleClass(pace=1.2, slower_on={"track": 1.5})
    """Water tenders, full."""

    @property
    def classes(self) -> dict[str, VehicleClass]:
        """The classes that do not drive like a crew carrier, by name."""
        return {"light": self.light, "heavy": self.heavy}
