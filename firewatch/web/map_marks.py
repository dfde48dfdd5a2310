"""What stands on the map's ground: marks at places, the ways of vehicles, roads that are closed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from markupsafe import Markup

from firewatch.web import map_labels
from firewatch.web.map_frame import Frame, Place
from firewatch.web.map_symbols import MARK_SIZE, symbol

EDGE = 16.0
CROWDED = 24.0
ON_TOP = {"closure": 1, "hotspot": 1, "incident": 2}
"""What is drawn over the rest, the highest last."""


@dataclass(frozen=True)
class MapMark:
    """Something at a place: an `incident`, `hotspot`, `crew`, `vehicle` or `depot`."""

    kind: str
    lat: float
    lon: float
    name: str
    label: str = ""
    href: str = ""
    line: Sequence[Place] = ()
    """Of a closed road that was drawn along: its places, this mark's own first."""


@dataclass(frozen=True)
class MapRoads:
    """The roads of a class, each by its places."""

    kind: str
    lines: Sequence[Sequence[Place]]


@dataclass(frozen=True)
class MapTrip:
    """The way of a vehicle by its stops to the fire, drawn straight from stop to stop; `time` stands at its start."""

    places: Sequence[Place]
    name: str
    time: str = ""


def way(frame: Frame, trip: MapTrip) -> Markup:
    """Draw the way of a vehicle."""
    spots = [frame.xy(lat, lon) for lat, lon in trip.places]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    stops = Markup("").join(Markup('<circle cx="{:.1f}" cy="{:.1f}" r="5"/>').format(x, y) for x, y in spots[1:-1])
    x, y = spots[0]
    time = Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(x + 10, y + 18, trip.time) if trip.time else ""
    drawing = Markup('<g class="trip"><title>{}</title><polyline points="{}"/>{}{}</g>')
    return drawing.format(f"{trip.name} {trip.time}".rstrip(), points, stops, time)


def ground(frame: Frame, roads: Sequence[MapRoads], marks: Sequence[MapMark]) -> list[Markup]:
    """Draw roads, the greatest on top, and over them what is closed along a line, barred: no colour is needed."""
    drawn = [
        Markup('<path class="road r-{}" d="{}"/>').format(of_class.kind, "".join(map(frame.path, of_class.lines)))
        for of_class in reversed(roads)
    ]
    return drawn + [_closed(frame, mark) for mark in marks if mark.line]


def _closed(frame: Frame, mark: MapMark) -> Markup:
    path = frame.path(mark.line)
    return Markup(
        '<g class="closed-way"><title>{0}</title><path class="bed" d="{1}"/><path class="bars" d="{1}"/></g>'
    ).format(mark.name, path)


def symbols(frame: Frame, marks: Sequence[MapMark], beyond: str) -> list[Markup]:
    """Draw the marks, fires last: nothing may cover them. The label of one close to another stands beside its."""
    drawn: list[Markup] = []
    labelled: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda mark: ON_TOP.get(mark.kind, 0)):
        x, y = _spot(frame, mark)
        crowd = sum(hypot(x - near_x, y - near_y) < CROWDED for near_x, near_y in labelled)
        if mark.label:
            labelled.append((x, y))
        drawn.append(_mark(frame, mark, beyond, (x, y), crowd * CROWDED))
    return drawn


def _mark(frame: Frame, mark: MapMark, beyond: str, at: tuple[float, float], aside: float) -> Markup:
    x, y = at
    inside = frame.holds(mark.lat, mark.lon)
    name = mark.name if inside else f"{mark.name} ({beyond})"
    above = y - 20 if y > 40 else y + 36
    label = Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(x + aside, above, mark.label) if mark.label else ""
    drawn = Markup('<g class="mark {}{}"><title>{}</title>{}{}</g>').format(
        mark.kind, "" if inside else " beyond", name, symbol(mark.kind, x, y), label
    )
    if not mark.href:
        return drawn
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(mark.href, name, drawn)


def box(frame: Frame, mark: MapMark) -> map_labels.Box:
    """Return what a mark covers, with the number above a fire."""
    (x, y), s = _spot(frame, mark), MARK_SIZE[mark.kind]
    return map_labels.Box(x - s, y - (38 if mark.label else s), x + s, y + s)


def _spot(frame: Frame, mark: MapMark) -> tuple[float, float]:
    """Return where a mark is drawn: at its place, or on the edge of the picture."""
    x, y = frame.xy(mark.lat, mark.lon)
    return min(max(x, EDGE), frame.width - EDGE), min(max(y, EDGE), frame.height - EDGE)
