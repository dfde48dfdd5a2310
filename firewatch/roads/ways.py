"""What OpenStreetMap's tags say of a way: its class, its directions, its speed limit, or why nobody drives on it.

Turn restrictions, gates and surfaces are not read. `path` and `footway` are not driven on, and not walked on either:
people walk to a fire over the land.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CLASSES = (
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
)
"""The classes that have a speed, by their number in a graph."""

_SAME_AS = {"road": "unclassified"} | {f"{name}_link": name for name in CLASSES[:5]}
_BOTH = ("no", "false", "0", "reversible", "alternating")
_LIMIT = re.compile(r"(\d{1,3})(?: ?(mph|km/h))?")
_KMH_OF_MPH = 1.609344


class LeftOut(StrEnum):
    """Why a way is not driven on."""

    NOT_FOR_VEHICLES = "not_for_vehicles"
    FORBIDDEN = "forbidden"
    AREA = "area"


@dataclass(frozen=True)
class Way:
    """How a way is driven on; `kind` counts in CLASSES, a limit of 0 is none."""

    kind: int
    forward: bool = True
    backward: bool = True
    limit_kmh: int = 0


def read_way(tags: Mapping[str, str]) -> Way | LeftOut:
    """Read the tags of a way that has `highway`.

    Private ways are kept, since a barracks and a forest track often are one; what is forbidden outright is not.
    """
    name = _SAME_AS.get(tags["highway"], tags["highway"])
    if name not in CLASSES:
        return LeftOut.NOT_FOR_VEHICLES
    if tags.get("area") == "yes":
        return LeftOut.AREA
    # The most particular tag speaks: motor_vehicle=yes opens a way whose access is no.
    allowed = (tags[key] for key in ("emergency", "motor_vehicle", "vehicle", "access") if key in tags)
    if next(allowed, "yes") == "no":
        return LeftOut.FORBIDDEN
    forward, backward = _directions(name, tags)
    return Way(CLASSES.index(name), forward, backward, _limit_kmh(tags.get("maxspeed", "")))


def _directions(name: str, tags: Mapping[str, str]) -> tuple[bool, bool]:
    by_nature = name == "motorway" or tags.get("junction") in ("roundabout", "circular")
    oneway = tags.get("oneway", "yes" if by_nature else "no")
    if oneway in ("-1", "reverse"):
        return False, True
    return True, oneway in _BOTH


def _limit_kmh(text: str) -> int:
    """Return a limit in whole km/h; 0 for none, and for what is no plain number."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        return 0
    value = int(found[1]) * (_KMH_OF_MPH if found[2] == "mph" else 1)
    return min(round(value), 255)
