"""Whom to thank for the weather: data under CC BY 4.0 asks for its source's name and a link beside it."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, select

from firewatch.weather.models import FeedStatus


@dataclass(frozen=True)
class Credit:
    """A source that wants to be named, and its licence."""

    name: str = "Open-Meteo.com"
    link: str = "https://open-meteo.com/"
    licence: str = "CC BY 4.0"
    licence_link: str = "https://creativecommons.org/licenses/by/4.0/"

    def __str__(self) -> str:
        """Return the line for programs."""
        return f"Weather data by {self.name} ({self.licence}), {self.link}"


HOTSPOTS = "Hot spots by NASA FIRMS, part of NASA's Earth Science Data and Information System (ESDIS)"
"""The line that stands wherever hot spots are shown."""
HOTSPOTS_LINK = "https://www.earthdata.nasa.gov/firms"


class Thanks(NamedTuple):
    """A line, and where it leads."""

    text: str
    link: str


ROADS = Thanks("© OpenStreetMap contributors, ODbL", "https://www.openstreetmap.org/copyright")
"""Stands wherever minutes by road are shown."""

CREDITS = {
    "open_meteo": Credit(),
    "met_norway": Credit(name="MET Norway", link="https://www.met.no/"),
}
"""By kind of feed."""


def due(session: Session) -> list[Credit]:
    """Return the credits of those whose weather has come in here."""
    kinds = session.exec(select(FeedStatus.kind).distinct().order_by(FeedStatus.kind))
    return [CREDITS[kind] for kind in sorted(kinds, reverse=True) if kind in CREDITS]
