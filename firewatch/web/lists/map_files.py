"""Lists with places as files for maps: GeoJSON (RFC 7946) and KML 2.2, row by row."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Final
from xml.etree import ElementTree as ET

from firewatch.web.lists.listing import Geometry

KML: Final = "http://www.opengis.net/kml/2.2"
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not take, not even escaped."""
DECIMALS: Final = 6
"""Of a degree: a tenth of a metre."""
OPACITY: Final = "80"
Property = str | int | float | None


@dataclass(frozen=True)
class Feature:
    """A row on the map. Of `properties` those without a value are None in GeoJSON, and left out of KML."""

    label: str
    geometry: Geometry | None
    properties: Mapping[str, Property]
    colour: str = ""
    """`#rrggbb`; empty: none of its own."""


def point(lat: float, lon: float) -> Geometry:
    """Return a spot."""
    return {"type": "Point", "coordinates": _rounded((lon, lat))}


def line(places: Sequence[tuple[float, float]]) -> Geometry:
    """Return a line through places (latitude, longitude), or the spot where there is only one."""
    if len(places) == 1:
        return point(*places[0])
    return {"type": "LineString", "coordinates": [_rounded((lon, lat)) for lat, lon in places]}


def area(polygons: Iterable[Sequence[Sequence[tuple[float, float]]]]) -> Geometry:
    """Return polygons of [longitude, latitude] rings, shells counter-clockwise and holes clockwise."""
    return {
        "type": "MultiPolygon",
        "coordinates": [
            [_wound(ring, counter_clockwise=number == 0) for number, ring in enumerate(rings)] for rings in polygons
        ],
    }


def _wound(ring: Sequence[tuple[float, float]], *, counter_clockwise: bool) -> list[list[float]]:
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]))
    ordered = list(ring) if (doubled > 0) is counter_clockwise else list(reversed(ring))
    return [_rounded(place) for place in ordered]


def _rounded(place: tuple[float, float]) -> list[float]:
    return [round(degrees, DECIMALS) for degrees in place]


def write_geojson(file: IO[bytes], features: Iterable[Feature]) -> None:
    """Write a FeatureCollection."""
    file.write(b'{"type":"FeatureCollection","features":[')
    for number, each in enumerate(features):
        made = {
            "type": "Feature",
            "geometry": each.geometry,
            "properties": {"label": each.label, **each.properties},
        }
        said = json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        file.write((",\n" if number else "\n").encode() + said.encode("utf-8", "replace"))
    file.write(b"\n]}\n")


def write_kml(file: IO[bytes], title: str, headings: Mapping[str, str], features: Iterable[Feature]) -> None:
    """Write a Document of Placemarks; `headings` are what its readers call the properties."""
    file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{KML}"><Document>'.encode())
    file.write(_written(_with_text(ET.Element("name"), title)))
    for each in features:
        file.write(b"\n" + _written(_placemark(each, headings)))
    file.write(b"\n</Document></kml>\n")


def _placemark(feature: Feature, headings: Mapping[str, str]) -> ET.Element:
    # Its parts have an order: the schema takes no other.
    made = ET.Element("Placemark")
    _put(made, "name", feature.label)
    if feature.colour:
        made.append(_style(feature.colour))
    data = ET.SubElement(made, "ExtendedData")
    for key, value in feature.properties.items():
        if value is not None:
            one = ET.SubElement(data, "Data", name=key)
            _put(one, "displayName", headings[key])
            _put(one, "value", str(value))
    if feature.geometry is not None:
        made.append(_geometry(feature.geometry))
    return made


def _style(colour: str) -> ET.Element:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    style = ET.Element("Style")
    for name, opacity in (("IconStyle", "ff"), ("LineStyle", "ff"), ("PolyStyle", OPACITY)):
        _put(ET.SubElement(style, name), "color", f"{opacity}{blue}{green}{red}")
    return style


def _geometry(geometry: Geometry) -> ET.Element:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            return _line("Point", [coordinates])
        case "LineString":
            return _line("LineString", coordinates)
        case _:
            made = ET.Element("MultiGeometry")
            for rings in coordinates:
                made.append(_polygon(rings))
            return made


def _polygon(rings: Sequence[Sequence[Sequence[float]]]) -> ET.Element:
    made = ET.Element("Polygon")
    for number, ring in enumerate(rings):
        ET.SubElement(made, "innerBoundaryIs" if number else "outerBoundaryIs").append(_line("LinearRing", ring))
    return made


def _line(name: str, places: Iterable[Sequence[float]]) -> ET.Element:
    made = ET.Element(name)
    _put(made, "coordinates", " ".join(f"{lon},{lat}" for lon, lat in places))
    return made


def _put(parent: ET.Element, name: str, text: str) -> None:
    _with_text(ET.SubElement(parent, name), text)


def _with_text(element: ET.Element, text: str) -> ET.Element:
    element.text = NOT_XML.sub("", text)
    return element


def _written(element: ET.Element) -> bytes:
    written: bytes = ET.tostring(element, encoding="utf-8")
    return written
