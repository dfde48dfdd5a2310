"""Whom to thank for the weather: Open-Meteo's data is CC BY 4.0, which asks for its name and a link beside it."""

from dataclasses import dataclass

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


def due(session: Session) -> Credit | None:
    """Return the credit when weather of Open-Meteo has come in here."""
    asked = select(FeedStatus.source).where(FeedStatus.kind == "open_meteo").limit(1)
    return Credit() if session.exec(asked).first() is not None else None
