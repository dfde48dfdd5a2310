"""What the map may show in place of danger grades: how soon a first attack comes, and where the reserve is short. Pure.

Each band of minutes has its line, with the number on it, beside its colour; what lies beyond the last is hatched one
way, where nobody comes at all crosswise. A zone that is short is hatched and carries how many are missing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from firewatch.dispatch.isochrones import Band
from firewatch.web.map_frame import WIDTH, Frame, Place
from firewatch.web.map_marks import EDGE
from firewatch.web.map_svg import LEGEND_ROW, Layer, MapZone, outline, path_of

COLUMNS = 4
SHORTEST_RING = 12
"""Corners; a line about less carries no number."""


@dataclass(frozen=True)
class AttackWords:
    """The legend of the first attack."""

    within: Mapping[float, str]
    """By the band's minutes."""
    beyond: str
    nobody: str
    made: str
    """How the minutes were made."""


@dataclass(frozen=True)
class ReserveWords:
    """The legend of the reserve, and what a zone's title says, by zone name."""

    kept: str
    short: str
    none: str
    move_up: str
    titles: Mapping[str, str]


def first_attack(frame: Frame, zones: Sequence[MapZone], bands: Sequence[Band], words: AttackWords) -> Layer:
    """Return the bands, the widest at the bottom and the zones' outlines on top."""
    limits = sorted(band.most for band in bands if isfinite(band.most))
    whole = f"M0 0H{frame.width:.0f}V{frame.height:.1f}H0Z"
    parts = [_area("nobody", whole, words.nobody)]
    for band in bands:
        kind, title = _kind(limits, band, words)
        parts.append(_area(kind, path_of(frame, band.rings), title))
    parts += [Markup('<path class="outline" d="{}"/>').format(outline(frame, zone)) for zone in zones]
    parts += [_number(frame, band) for band in bands if isfinite(band.most)]

    def legend(top: float) -> Markup:
        cells = [(_paint(f"b{at}"), words.within[most]) for at, most in enumerate(limits)]
        cells += [(_paint("beyond"), words.beyond), (_paint("nobody"), words.nobody)]
        made = Markup('<text x="12" y="{:.0f}">{}</text>').format(top + 3 * LEGEND_ROW + 18, words.made)
        return Markup("").join([*_cells(cells, top), made])

    return Layer(_ATTACK_PAINTS, Markup("").join(parts), legend)


def reserve(
    frame: Frame,
    zones: Sequence[MapZone],
    short: Collection[str],
    kept: Collection[str],
    moves: Sequence[tuple[str, Sequence[Place]]],
    words: ReserveWords,
) -> Layer:
    """Return the zones by whether their reserve is short, and an arrow (what it says, its places) for each move-up."""
    parts = []
    for zone in zones:
        kind = "short" if zone.name in short else "kept" if zone.name in kept else "unasked"
        parts.append(_area(kind, outline(frame, zone), words.titles[zone.name]))
    parts += [_arrow(frame, *move) for move in moves]

    def legend(top: float) -> Markup:
        cells = [(_paint("short"), words.short), (_paint("kept"), words.kept), (_paint("unasked"), words.none)]
        arrow = Markup('<path class="move-up" d="M0 12H30" marker-end="url(#map-arrow)"/>')
        return Markup("").join(_cells([*cells, (arrow, words.move_up)], top, columns=2))

    return Layer(_RESERVE_PAINTS, Markup("").join(parts), legend)


def _kind(limits: Sequence[float], band: Band, words: AttackWords) -> tuple[str, str]:
    if isfinite(band.most):
        return f"b{limits.index(band.most)}", words.within[band.most]
    return "beyond", words.beyond


def _area(kind: str, path: str, title: str) -> Markup:
    return Markup('<g class="zone area"><title>{}</title><path {} fill-rule="evenodd" d="{}"/></g>').format(
        title, _fill(kind), path
    )


def _fill(kind: str) -> Markup:
    """Return the attributes that paint a kind: a colour is a class, a pattern a paint of this drawing."""
    if kind in _PATTERNS:
        return Markup('class="hatched" fill="url(#map-{})"').format(kind)
    return Markup('class="{}"').format(kind)


def _paint(kind: str) -> Markup:
    return Markup('<rect {} width="36" height="24"/>').format(_fill(kind))


def _cells(cells: Sequence[tuple[Markup, str]], top: float, columns: int = COLUMNS) -> list[Markup]:
    drawn = []
    for at, (paint, word) in enumerate(cells):
        x, y = 12 + at % columns * WIDTH / columns, top + at // columns * LEGEND_ROW
        drawn.append(
            Markup('<g transform="translate({:.0f} {:.0f})">{}<text x="44" y="18">{}</text></g>').format(
                x, y, paint, word
            )
        )
    return drawn


def _number(frame: Frame, band: Band) -> Markup:
    """Write a band's minutes on each of its lines, at the northernmost corner that lies well within the picture."""
    numbers = []
    for ring in band.rings:
        spots = [(y, x) for x, y in (frame.xy(lat, lon) for lon, lat in ring) if _well_within(frame, x, y)]
        if len(spots) >= SHORTEST_RING:
            y, x = min(spots)
            numbers.append(Markup('<text x="{:.1f}" y="{:.1f}">{:g}</text>').format(x, y + 5, band.most))
    return Markup('<g class="limit" aria-hidden="true">{}</g>').format(Markup("").join(numbers))


def _well_within(frame: Frame, x: float, y: float) -> bool:
    return EDGE <= x <= frame.width - EDGE and EDGE <= y <= frame.height - EDGE


def _arrow(frame: Frame, title: str, places: Sequence[Place]) -> Markup:
    points = " ".join("{:.1f},{:.1f}".format(*frame.xy(*place)) for place in places)
    return Markup(
        '<g class="moves"><title>{}</title><polyline class="move-up" points="{}" marker-end="url(#map-arrow)"/></g>'
    ).format(title, points)


def _pattern(kind: str, lines: str) -> Markup:
    return Markup(
        '<pattern id="map-{0}" class="hatch {0}" patternUnits="userSpaceOnUse" width="9" height="9">'
        '<rect width="9" height="9"/><path d="{1}"/></pattern>'
    ).format(kind, lines)


_RISING, _FALLING = "M0 9L9 0M-2 2L2 -2M7 11L11 7", "M0 0L9 9M-2 7L2 11M7 -2L11 2"
_PATTERNS = {"beyond": _RISING, "nobody": _RISING + _FALLING, "short": _FALLING}
_ATTACK_PAINTS = Markup("<defs>{}{}</defs>").format(*(_pattern(kind, _PATTERNS[kind]) for kind in ("beyond", "nobody")))
_RESERVE_PAINTS = Markup(
    '<defs>{}<marker id="map-arrow" class="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="5"'
    ' markerHeight="5" orient="auto-start-reverse"><path d="M0 0L10 5L0 10Z"/></marker></defs>'
).format(_pattern("short", _FALLING))
