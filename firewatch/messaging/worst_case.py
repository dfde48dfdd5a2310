"""How long a text can get: the longest names of the alliance, or names as long as they may be, in every template. Pure.

One table for `firewatch messages preview`, the page of texts and the tests.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from firewatch import i18n
from firewatch.geo import WINDS
from firewatch.messaging import texts
from firewatch.messaging.replies import DIGIT
from firewatch.rulebook.read import Rulebook

LONGEST_NAME: Final = 80
"""Letters of a name that the config folder and the database take."""
LETTER: Final[Mapping[str, str]] = {"zh": "某", "en": "M"}
CODE: Final = "888888"
PIN: Final = "88888888"
TOKEN: Final = "x" * 12
EXAMPLE: Final = "https://firewatch.example"
"""Stands for the public address where none is set."""
AT: Final = datetime(2026, 12, 30, 15, 58, tzinfo=UTC)
DAY: Final[Mapping[str, str]] = {"zh": "M月d日", "en": "d MMMM"}
TIME: Final[Mapping[str, str]] = {"zh": "M月d日HH:mm", "en": "d MMM HH:mm"}
STATES: Final = ("ordered", "acknowledged", "declined", "en_route", "on_scene", "released")
DEEDS: Final = ("sms.warning_issued", "sms.warning_raised", "sms.warning_both")


class Names(StrEnum):
    """Which names a text is tried with."""

    OWN = "own"  # the longest of the alliance's own
    LIMIT = "limit"  # as long as a name may be


@dataclass(frozen=True)
class Tried:
    """A template as it comes out."""

    template: str
    lang: str
    names: Names
    drill: bool
    """Whether it is one of a drill, which begins with its word."""
    body: str
    segments: int
    is_gsm: bool
    is_cut: bool
    """Whether something had to be shortened."""

    @property
    def fits(self) -> bool:
        """Whether it goes out in the segments a text may have."""
        return self.segments <= texts.MAX_SEGMENTS


def params(book: Rulebook, lang: str, names: Names = Names.OWN, link_base: str | None = None) -> dict[str, str]:
    """Return a value for everything that any template needs, each as long as it gets."""
    comma = i18n.text(lang, "sms.comma")
    return {
        # A fire may burn in two zones, some way from the nearest place that is known by name.
        "place": i18n.text(lang, "place.stop").join(
            [comma.join(_names(book.zones, lang, names, 2)), *_from_place(book, lang, names)]
        ),
        # A vehicle may take two crews, and load at one depot three kinds of things.
        "crews": comma.join(_names(book.crews, lang, names, 2)),
        "load": i18n.text(
            lang,
            "load.from_depot",
            tools=comma.join(f"{tool}888" for tool in _tools(book, lang)[:3]),
            depot=_names(book.depots, lang, names, 1)[0],
        ),
        "vehicle": _names(book.vehicles, lang, names, 1)[0],
        "organiser": _names(book.agencies, lang, names, 1)[0],
        "contact": _names(book.contacts, lang, names, 1)[0],
        "lat": _longest(f"{zone.label[1]:.4f}" for zone in book.zones),
        "lon": _longest(f"{zone.label[0]:.4f}" for zone in book.zones),
        "time": i18n.local_time(AT, lang, book.alliance.tz, TIME[lang]),
        "until": i18n.local_time(AT, lang, book.alliance.tz, TIME[lang]),
        "eta": "23:58",
        "grade": i18n.text(lang, "sms.no_data"),
        "people": str(max(vehicle.seats for vehicle in book.vehicles)),
        "count": "888",
        "asked": CODE,
        "pin": PIN,
        "stands": _longest(i18n.text(lang, f"order_state.{state}") for state in STATES),
        "may": comma.join(f"{digit} {i18n.text(lang, f'answer.{answer}')}" for digit, answer in DIGIT.items()),
        "day": i18n.local_time(AT, lang, book.alliance.tz, DAY[lang]),
        "grades": _grades(lang),
        "leave": i18n.text(lang, "digest.by_text"),
        "deed": _longest(i18n.text(lang, deed) for deed in DEEDS),
        "link": f"{link_base or EXAMPLE}/a/{TOKEN}",
    }


def tried(
    book: Rulebook, langs: Iterable[str] = i18n.LANGUAGES, link_base: str | None = None, *, drill: bool = False
) -> Iterator[Tried]:
    """Try every template in the languages, with the alliance's own names and with names as long as they may be."""
    for lang in langs:
        for names in Names:
            given = params(book, lang, names, link_base)
            for template in texts.TEMPLATES:
                yield _tried(template, lang, names, given, drill)


def _tried(template: str, lang: str, names: Names, given: Mapping[str, str], drill: bool) -> Tried:
    needed = {name: given[name] for name in texts.TEMPLATES[template].params}
    lead = texts.drill_lead(template, lang) if drill else ""
    body = texts.render(template, lang, needed, CODE, lead)
    is_cut = body != lead + texts.whole(template, lang, needed, CODE)
    return Tried(template, lang, names, drill, body, texts.segments(body), texts.is_gsm(body), is_cut)


def _from_place(book: Rulebook, lang: str, names: Names) -> list[str]:
    direction = _longest(i18n.text(lang, f"place.wind.{wind}") for wind in WINDS)
    return [
        i18n.text(lang, "place.from", place=place, direction=direction, km=25)
        for place in _names(book.places, lang, names, 1)
    ]


def _names(rows: Iterable[object], lang: str, names: Names, number: int) -> list[str]:
    if names is Names.LIMIT:
        return [LETTER[lang] * LONGEST_NAME] * number
    return sorted((str(getattr(row, f"name_{lang}")) for row in rows), key=len, reverse=True)[:number]


def _grades(lang: str) -> str:
    """Return the shortest form of a bulletin's grades as it is at its longest: so many zones of each."""
    words = [i18n.text(lang, "digest.grade", grade=grade) for grade in range(5, 0, -1)]
    told = [
        i18n.text(lang, "digest.count", grade=grade, count=888) for grade in [*words, i18n.text(lang, "sms.no_data")]
    ]
    return i18n.text(lang, "digest.semicolon").join(told)


def _tools(book: Rulebook, lang: str) -> list[str]:
    kinds = {kind for depot in book.depots for kind in depot.stock}
    words = (i18n.text(lang, key) if i18n.has(key := f"capability.{kind}") else kind for kind in sorted(kinds))
    return sorted(words, key=len, reverse=True)


def _longest(words: Iterable[str]) -> str:
    return max(words, key=len)
