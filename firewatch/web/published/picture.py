"""The map of a bulletin: the drawing pages show, and the same as a picture that stands by itself."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from firewatch import i18n
from firewatch.bulletins.content import Document
from firewatch.bulletins.wording import day_name, grade_name
from firewatch.rulebook.alliance import Zone
from firewatch.web import map_svg

STYLES: Final = Path(__file__).parents[1] / "static"
FONT: Final = "Noto Sans CJK SC"
PRINTED: Final = ".paper { fill: #fff; } text { font-weight: bold; }\n"
"""Bold throughout: Typst draws the variable font's regular weight too thin in a picture."""
GROUND: Final = {"extreme": "g5", "nodata": "g0"}
GRADES: Final = range(6)
ROOM: Final = 12
"""Units around the drawing."""


def drawn(document: Document, zones: Sequence[Zone], lang: str) -> Markup:
    """Draw the grades of the day of the bulletin; a zone that is no longer in the config is not drawn."""
    content = document.content
    parts = {zone.id: zone for zone in content.zones}
    shown = [
        map_svg.MapZone(
            name=getattr(parts[zone.id], f"name_{lang}"),
            polygons=zone.polygons,
            label=zone.label,
            grade=parts[zone.id].grade,
            word=grade_name(lang, content.scheme, parts[zone.id].grade),
        )
        for zone in sorted(zones, key=lambda zone: zone.kind == "reserve")
        if zone.id in parts
    ]
    scheme = i18n.text(lang, f"scheme.{content.scheme}")
    words = map_svg.MapWords(
        title=i18n.text(lang, "bulletins.map"),
        legend=i18n.text(lang, "map.legend", scheme=scheme),
        grades={grade: grade_word(lang, content.scheme, grade) for grade in GRADES},
        kinds={},
        note=i18n.text(lang, "bulletins.map_note", approval=document.map_approval or "—"),
        beyond="",
    )
    return map_svg.draw(map_svg.Scene(shown, ident="bulletin", words=words))


def grade_word(lang: str, scheme: str, grade: int) -> str:
    """Return a grade's word without its number, which stands beside it."""
    return i18n.text(lang, "danger.grade.0" if grade == 0 else f"danger.grade.{scheme}.{grade}")


def picture(document: Document, zones: Sequence[Zone], lang: str) -> str:
    """Return the map as an SVG file: its colours inside, on white, with room around it."""
    opening, inside = _grounded(drawn(document, zones, lang)).split(">", 1)
    box = re.findall(r'viewBox="0 0 (\d+) (\d+)"', opening)
    width, height = (int(each) + 2 * ROOM for each in box[0])
    return Markup(
        '<svg class="map" xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="-{2} -{2} {0} {1}"'
        ' font-family="{3}" role="img"><title>{4}</title><style>{5}</style>'
        '<rect class="paper" x="-{2}" y="-{2}" width="{0}" height="{1}"/>{6}\n'
    ).format(width, height, ROOM, FONT, title(document, lang), _style("map.css"), inside)


def _grounded(drawing: Markup) -> Markup:
    """Lay the plain colour under what is hatched: between the tiles of a pattern the paper shines through in a PNG."""
    hatched = r'<(path|rect) class="hatched" fill="url\(#bulletin-(extreme|nodata)\)"([^>]*)/>'

    def both(found: re.Match[str]) -> str:
        return f'<{found[1]} class="{GROUND[found[2]]}"{found[3]}/>{found[0]}'

    return Markup(re.sub(hatched, both, drawing))  # noqa: S704 - our own drawing, escaped as it was made


def title(document: Document, lang: str) -> str:
    """Return what the map shows, in words: for whoever does not see it."""
    content = document.content
    days = [day_name(on, lang) for on in content.days[:1]]
    return i18n.text(lang, "bulletins.map_of", day="".join(days), grades=document.texts[lang].danger)


def alone(drawing: Markup) -> str:
    """Return a chart as an SVG that stands by itself: its colours and its font inside."""
    opening, inside = drawing.split(">", 1)
    return Markup('{} font-family="{}"><style>{}</style>{}').format(Markup(opening), FONT, _style("chart.css"), inside)  # noqa: S704 - our own drawing, escaped as it was made


@cache
def _style(sheet: str) -> Markup:
    """Return a sheet's rules with the colours of the day put in: what draws pictures knows no variables."""
    light = re.search(r":root \{(.*?)\}", (STYLES / "palette.css").read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light.group(1) if light else ""))
    rules = re.sub(r"/\*.*?\*/\s*", "", (STYLES / sheet).read_text("utf-8"), flags=re.DOTALL)
    rules = re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found.group(1)], rules)
    return Markup("{}").format(Markup(rules + PRINTED))  # noqa: S704 - a file of ours
