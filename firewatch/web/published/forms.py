"""The forms a bulletin is published in, each made of the one document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from firewatch.bulletins.content import Document
from firewatch.bulletins.models import Bulletin
from firewatch.web.published import cap, feeds, picture, typeset
from firewatch.web.published.sheet import sheet

MAP_PPI: Final = 144.0
CARD_PPI: Final = 144.0
"""Of a card 600 pt wide: 1200 pixels."""


@dataclass(frozen=True)
class Asked:
    """What one file is to be made of."""

    document: Document
    sender: cap.Sender
    lang: str
    previous: tuple[tuple[int, datetime], ...] = ()
    """The earlier versions of the day: number and when they were issued."""


def earlier(versions: Sequence[Bulletin], revision: int) -> tuple[tuple[int, datetime], ...]:
    """Return the versions of a day that were issued before one: their numbers and when."""
    issued = ((each.revision, each.issued_at) for each in versions)
    return tuple(sorted((number, at) for number, at in issued if number and at and number < revision))


@dataclass(frozen=True)
class Form:
    """A form: its media type, whether it differs by language, and how it is made."""

    media_type: str
    by_language: bool
    make: Callable[[Asked], bytes]


def _pdf(asked: Asked) -> bytes:
    data, drawing = sheet(asked.document, asked.sender.zones, asked.lang)
    return typeset.pdf("bulletin", data, drawing, asked.document.issued_at or asked.document.content.valid_from)


def _png(asked: Asked) -> bytes:
    return typeset.png("map", *sheet(asked.document, asked.sender.zones, asked.lang), MAP_PPI)


def _card(asked: Asked) -> bytes:
    return typeset.png("card", *sheet(asked.document, asked.sender.zones, asked.lang), CARD_PPI)


def _svg(asked: Asked) -> bytes:
    return picture.picture(asked.document, asked.sender.zones, asked.lang).encode()


def _json(asked: Asked) -> bytes:
    return asked.document.model_dump_json(indent=1).encode()


def _cap(asked: Asked) -> bytes:
    return cap.bulletin(asked.document, asked.sender, asked.previous)


def _geojson(asked: Asked) -> bytes:
    return feeds.geojson(asked.document, asked.sender.zones, asked.lang).encode()


FORMS: Final[Mapping[str, Form]] = {
    "pdf": Form("application/pdf", True, _pdf),
    "png": Form("image/png", True, _png),
    "svg": Form("image/svg+xml", True, _svg),
    "card.png": Form("image/png", True, _card),
    "json": Form("application/json", False, _json),
    "cap.xml": Form("application/cap+xml", False, _cap),
    "geojson": Form("application/geo+json", True, _geojson),
}
"""By what stands behind the day in the address."""
