"""The map as one SVG, drawn by the server from outlines and grades: no script, no tiles, no inline style. Pure.

Colours and sizes are classes of console.css; every grade also carries its numeral, and 5 and "no data" are hatched,
so that nothing rests on colour alone. A zone whose weather is doubtful is dotted and carries a question mark.
Places outside the picture are put on its edge and said to be so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from firewatch.geo import point_in_polygon
from firewatch.web import map_labels, map_marks
from firewatch.web.map_frame import WIDTH, Frame, scale_km
from firewatch.web.map_marks import MapMark, MapRoads, MapTrip
from firewatch.web.map_symbols import symbol

MARGIN = 0.04
LEGEND_ROW = 34.0
NOTHING = Markup("")
MOST_PLACED = 60
"""Zones; of more each label stands where the zone says, for to find a free place for all takes long and finds none."""


@dataclass(frozen=True)
class MapZone:
    """A zone: its [longitude, latitude] rings, where its label stands (the same order), and its grade of the day."""

    name: str
    polygons: Sequence[Sequence[Sequence[tuple[float, float]]]]
    label: tuple[float, float]
    grade: int  # 0 is no data
    word: str
    signal: str = ""  # colour of the warning in force
    signal_word: str = ""
    numeral: str | None = None
    """What stands above the name; None: the grade's numeral."""
    doubts: Sequence[str] = ()
    """Why the weather behind the grade is doubtful or incomplete, in words."""


@dataclass(frozen=True)
class MapWords:
    """What the map says, in the reader's language."""

    title: str
    legend: str
    grades: Mapping[int, str]  # 0 to 5
    kinds: Mapping[str, str]  # incident, hotspot, crew, vehicle, depot, closure
    note: str
    beyond: str
    doubt: str = ""
    """What the mark of doubt means."""


@dataclass(frozen=True)
class Layer:
    """Something drawn in place of the zones' grades: its paints, the drawing, and its part of the legend."""

    defs: Markup
    drawing: Markup
    legend: Callable[[float], Markup]
    """Draws the legend down from a height: three rows of it, less what stands in the third."""


@dataclass(frozen=True)
class Scene:
    """Everything that stands on one map."""

    zones: Sequence[MapZone]
    marks: Sequence[MapMark] = ()
    trips: Sequence[MapTrip] = ()
    roads: Sequence[MapRoads] = ()
    """The greatest first."""
    ground: Markup = NOTHING
    """Pictures that lie under the zones, which are then seen through."""
    ident: str = "map"
    """Prefix of the ids inside, so that two maps may stand on one page."""
    layer: Layer | None = None
    window: Frame | None = None
    """What of it is drawn; None: all of it."""
    legend: bool = True
    """Whether it stands below; without it the page has to say what the legend says."""
    words: MapWords = field(default_factory=lambda: MapWords("", "", {}, {}, "", ""))


def frame_of(scene: Scene) -> Frame:
    """Return the window that is asked for, or that holds all zones; without zones, one around the marks."""
    if scene.window is not None:
        return scene.window
    spots = [spot for zone in scene.zones for rings in zone.polygons for ring in rings for spot in ring]
    spots = spots or [(mark.lon, mark.lat) for mark in scene.marks] or [(0.0, 0.0)]
    lons, lats = [spot[0] for spot in spots], [spot[1] for spot in spots]
    # A single point still needs some country around it.
    pad = max(max(lons) - min(lons), max(lats) - min(lats), 0.1) * MARGIN
    south, north = max(min(lats) - pad, -89.0), min(max(lats) + pad, 89.0)
    return Frame(min(lons) - pad, south, max(lons) + pad, north)


def draw(scene: Scene) -> Markup:
    """Return the map as an `<svg>` element; all text in it is escaped."""
    frame, words, layer = frame_of(scene), scene.words, scene.layer
    zones = [_zone(scene.ident, frame, zone) for zone in scene.zones] if layer is None else [layer.defs, layer.drawing]
    ground = map_marks.ground(frame, scene.roads, scene.marks)
    legend_top = frame.height + 8
    height = legend_top + _legend_rows(scene) * LEGEND_ROW if scene.legend else frame.height
    parts = [
        Markup(
            '<svg class="map{}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.0f} {:.0f}" role="group"'
            ' aria-label="{}" data-map="{}">'
        ).format(" over-ground" if scene.ground else "", frame.width, height, words.title, _window(frame)),
        _hatches(scene.ident),
        *_cut(scene, frame, [scene.ground, *zones, *ground, *(map_marks.way(frame, trip) for trip in scene.trips)]),
        *_zone_labels(frame, scene),
        *map_marks.symbols(frame, scene.marks, words.beyond),
        _scale_bar(frame),
        _north(frame),
        _legend(scene, legend_top) if scene.legend else Markup(""),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _cut(scene: Scene, frame: Frame, parts: list[Markup]) -> list[Markup]:
    """Cut off what reaches beyond the window that is asked for, as roads and pictures do beyond any."""
    if scene.window is None and not scene.ground and not scene.roads:
        return parts
    whole = Markup('<svg class="cut" width="{:.0f}" height="{:.1f}">').format(frame.width, frame.height)
    return [whole, *parts, Markup("</svg>")]


def _window(frame: Frame) -> str:
    """West, north and degrees per unit across and down: what a script needs to turn a click into a place."""
    return f"{frame.west:.6f} {frame.north:.6f} {1 / frame.scale_x:.9f} {1 / frame.scale_y:.9f} {frame.height:.1f}"


def _hatches(ident: str) -> Markup:
    return Markup(
        '<defs><pattern id="{0}-extreme" class="hatch" patternUnits="userSpaceOnUse" width="9" height="9">'
        '<rect class="g5" width="9" height="9"/><path d="M0 9L9 0M-2 2L2 -2M7 11L11 7"/></pattern>'
        '<pattern id="{0}-nodata" class="hatch" patternUnits="userSpaceOnUse" width="9" height="9">'
        '<rect class="g0" width="9" height="9"/><path d="M0 0L9 9M-2 7L2 11M7 -2L11 2"/></pattern>'
        '<pattern id="{0}-doubt" class="dots" patternUnits="userSpaceOnUse" width="14" height="14">'
        '<circle cx="4" cy="4" r="2.6"/><circle cx="11" cy="11" r="2.6"/></pattern></defs>'
    ).format(ident)


def _fill(ident: str, grade: int) -> Markup:
    """Return the attributes that colour a grade; hatching is a paint of this very drawing."""
    pattern = {5: "extreme", 0: "nodata"}.get(grade)
    paint = Markup(' fill="url(#{}-{})"').format(ident, pattern) if pattern else Markup("")
    return Markup('class="{}"{}').format(f"g{grade}" if not pattern else "hatched", paint)


def path_of(frame: Frame, rings: Iterable[Sequence[tuple[float, float]]]) -> str:
    """Return the path of some [longitude, latitude] rings."""
    drawn = []
    for ring in rings:
        points = (frame.xy(lat, lon) for lon, lat in ring)
        drawn.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(drawn)


def outline(frame: Frame, zone: MapZone) -> str:
    """Return the path of a zone's outline."""
    return "".join(path_of(frame, rings) for rings in zone.polygons)


def _zone(ident: str, frame: Frame, zone: MapZone) -> Markup:
    path = outline(frame, zone)
    word = " · ".join(part for part in (zone.word, zone.signal_word if zone.signal else "", *zone.doubts) if part)
    return Markup('<g class="zone"><title>{}: {} {}</title><path {} fill-rule="evenodd" d="{}"/>{}</g>').format(
        zone.name, zone.grade or "–", word, _fill(ident, zone.grade), path, _dotted(ident, path, zone)
    )


def _dotted(ident: str, path: str, zone: MapZone) -> Markup:
    """Strew a zone with dots when its weather is doubtful: the grade's colour stays to be seen between them."""
    if not zone.doubts:
        return Markup("")
    return Markup('<path class="doubt" fill="url(#{}-doubt)" fill-rule="evenodd" d="{}"/>').format(ident, path)


def _zone_labels(frame: Frame, scene: Scene) -> list[Markup]:
    """Write the zones' grades and names where no mark covers them."""
    zones = [zone for zone in scene.zones if scene.window is None or frame.holds(zone.label[1], zone.label[0])]
    labels = [_label(frame, zone) for zone in zones]
    if len(zones) > MOST_PLACED:
        return [_zone_label(frame, zone, label.at) for zone, label in zip(zones, labels, strict=True)]
    stand = map_labels.places(labels, [map_marks.box(frame, mark) for mark in scene.marks])
    return [_zone_label(frame, zone, at) for zone, at in zip(zones, stand, strict=True)]


def _label(frame: Frame, zone: MapZone) -> map_labels.Label:
    geometry = {"type": "MultiPolygon", "coordinates": zone.polygons}
    return map_labels.Label(
        zone.name,
        frame.xy(zone.label[1], zone.label[0]),
        lambda at: point_in_polygon(geometry, *frame.place(*at)),
    )


def _zone_label(frame: Frame, zone: MapZone, at: tuple[float, float]) -> Markup:
    x, y = at
    anchor, name_x = map_labels.anchored(x, zone.name, frame.width)
    return Markup(
        '<g class="label on-{}" aria-hidden="true"><text class="numeral" x="{:.1f}" y="{:.1f}">{}</text>'
        '<text class="zone-name {}" x="{:.1f}" y="{:.1f}">{}</text>{}{}</g>'
    ).format(
        "layer" if zone.numeral is not None else f"g{zone.grade}",
        *(x, y, zone.grade or "–" if zone.numeral is None else zone.numeral),
        *(anchor, name_x, y + 20, zone.name, _flag(zone, x, y), _query(zone, x, y)),
    )


def _query(zone: MapZone, x: float, y: float) -> Markup:
    """Put a question mark to the left of the numeral when the weather behind the grade is doubtful."""
    if not zone.doubts:
        return Markup("")
    return Markup('<text class="query" x="{:.1f}" y="{:.1f}">?</text>').format(x - 20, y)


def _flag(zone: MapZone, x: float, y: float) -> Markup:
    """Draw the flag of a warning in force beside the grade's numeral: never a number, for it is on another scale."""
    if not zone.signal:
        return Markup("")
    return Markup(
        '<g class="flag s-{0}"><path class="halo" d="M{1:.1f} {2:.1f}v-28h20l-6 7l6 7h-20"/>'
        '<path class="pole" d="M{1:.1f} {2:.1f}v-28"/>'
        '<path class="cloth" d="M{1:.1f} {3:.1f}h20l-6 7l6 7h-20Z"/></g>'
    ).format(zone.signal, x + 22, y + 2, y - 26)


def _scale_bar(frame: Frame) -> Markup:
    km = scale_km(frame)
    length, y = km * frame.units_per_km(), frame.height - 14
    return Markup(
        '<g class="scale"><path d="M12 {0:.1f}v6h{1:.1f}v-6"/><text x="{2:.1f}" y="{3:.1f}">{4:g} km</text></g>'
    ).format(y - 6, length, 12 + length / 2, y - 12, km)


def _north(frame: Frame) -> Markup:
    """Point north: up, as on every map drawn here."""
    return Markup(
        '<g class="north"><path d="M{0:.1f} 26l-8 22l8 -6l8 6Z"/><text x="{0:.1f}" y="20">N</text></g>'
    ).format(frame.width - 20)


def _legend_rows(scene: Scene) -> int:
    """Return how many rows the legend takes: two of grades, those of marks and of doubt if there are any, the note."""
    return 5 if scene.words.kinds or scene.words.doubt or scene.layer is not None else 3


def _legend(scene: Scene, top: float) -> Markup:
    words = scene.words
    paints = scene.layer.legend(top) if scene.layer is not None else _legend_of_grades(scene.ident, words, top)
    cells = []
    for place, (kind, word) in enumerate(words.kinds.items()):
        x, y = 12 + place * WIDTH / len(words.kinds), top + 2 * LEGEND_ROW + 14
        cells.append(
            Markup('<g class="mark {}">{}</g><text x="{:.0f}" y="{:.0f}">{}</text>').format(
                kind, symbol(kind, x + 15, y), x + 38, y + 6, word
            )
        )
    note = Markup('<text class="note" x="12" y="{:.0f}">{}</text>').format(
        top + (_legend_rows(scene) - 1) * LEGEND_ROW + 22, words.note
    )
    return Markup('<g class="legend" role="group" aria-label="{}">{}{}{}</g>').format(
        words.legend, paints, Markup("").join(cells), note
    )


def _legend_of_grades(ident: str, words: MapWords, top: float) -> Markup:
    cells = []
    for place, grade in enumerate((1, 2, 3, 4, 5, 0)):
        x, y = 12 + place % 3 * WIDTH / 3, top + place // 3 * LEGEND_ROW
        cells.append(
            Markup(
                '<rect {} x="{:.0f}" y="{:.0f}" width="36" height="24"/>'
                '<text class="numeral on-g{}" x="{:.0f}" y="{:.0f}">{}</text><text x="{:.0f}" y="{:.0f}">{}</text>'
            ).format(
                _fill(ident, grade), x, y, grade, x + 18, y + 18, grade or "–", x + 44, y + 18, words.grades[grade]
            )
        )
    if words.doubt:
        cells.append(_legend_of_doubt(ident, words, top + 3 * LEGEND_ROW))
    return Markup("").join(cells)


def _legend_of_doubt(ident: str, words: MapWords, top: float) -> Markup:
    return Markup(
        '<rect class="doubt" fill="url(#{0}-doubt)" x="12" y="{1:.0f}" width="36" height="24"/>'
        '<text class="query" x="30" y="{2:.0f}">?</text><text x="56" y="{2:.0f}">{3}</text>'
    ).format(ident, top, top + 18, words.doubt)
