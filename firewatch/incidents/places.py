"""Places that people call by name: found by what somebody types, and the nearest to a fire. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from firewatch import i18n
from firewatch.geo import compass_point, great_circle_km, initial_bearing_deg
from firewatch.rulebook.alliance import PlaceRow, Zone

MOST: Final = 8
"""Candidates at most."""
NEAR_KM: Final = 25.0
"""Further away a place says nothing of where a fire is."""
FAR_KM: Final = 200.0
"""Further from every zone a place is none of the region."""
LEAST_INITIALS: Final = 2


@dataclass(frozen=True)
class Near:
    """A place, and in which direction and how far from it something is."""

    place: PlaceRow
    km: float
    direction: str
    """Of the eight winds."""
    alone: bool = True
    """Whether no other place has its name: many counties have a 城关镇."""


def search(places: Iterable[PlaceRow], text: str, most: int = MOST) -> list[PlaceRow]:
    """Return the places that a text may mean, the likeliest first: by Chinese or English name, pinyin or its initials.

    What is typed may hold the county's name too; case, blanks, hyphens and full-width letters do not matter.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    ranked = (
        (rank, number, place) for number, place in enumerate(places) if (rank := _rank(place, wanted)) is not None
    )
    return [place for _, _, place in sorted(ranked, key=lambda each: each[:2])[:most]]


def nearest(places: Iterable[PlaceRow], lat: float, lon: float, within_km: float = NEAR_KM) -> Near | None:
    """Return the nearest place to a fire, None when none is near."""
    places = list(places)
    measured = ((great_circle_km(place.lat, place.lon, lat, lon), place) for place in places)
    km, place = min(measured, key=lambda each: each[0], default=(within_km, None))
    if place is None or km > within_km:
        return None
    direction = compass_point(initial_bearing_deg(place.lat, place.lon, lat, lon))
    return Near(place, km, direction, alone=sum(each.name_zh == place.name_zh for each in places) == 1)


def in_words(near: Near, lang: str) -> str:
    """Return where something is from its nearest place, to the kilometre; with the county where names repeat."""
    place = near.place
    name, area = (place.name_zh, place.area_zh) if lang == "zh" else (place.name_en, place.area_en)
    if not near.alone:
        name = i18n.text(lang, "place.of_area", place=name, area=area)
    if near.km < 1:
        return i18n.text(lang, "place.at", place=name)
    return i18n.text(
        lang, "place.from", place=name, direction=i18n.text(lang, f"place.wind.{near.direction}"), km=round(near.km)
    )


def near_a_zone(lat: float, lon: float, zones: Sequence[Zone]) -> bool:
    """Tell whether a place may be of the region at all."""
    return any(great_circle_km(lat, lon, zone.label[1], zone.label[0]) <= FAR_KM for zone in zones)


def _rank(place: PlaceRow, wanted: str) -> int | None:
    """Return how well a text fits a place, 0 the best; None when it does not."""
    names = [_plain(name) for name in (place.name_zh, place.name_en, place.pinyin) if name]
    county = place.area_zh[:-1]  # 康乐附城 is said for 康乐县附城镇
    pairs = ((place.area_zh, place.name_zh), (county, place.name_zh), (place.area_en, place.name_en))
    whole = [_plain(area + name) for area, name in pairs] + [_plain(place.name_en + place.area_en)]
    initials = "".join(syllable[0] for syllable in place.pinyin.split())
    fits = (
        wanted in names + whole,
        any(name.startswith(wanted) for name in names),
        len(wanted) >= LEAST_INITIALS and initials.startswith(wanted),
        any(wanted in name for name in names + whole),
    )
    return next((rank for rank, does in enumerate(fits) if does), None)


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
