"""The photos of a fire as its page and the page behind a link show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch.errors import BadInput
from firewatch.files.pictures import NoPicture
from firewatch.geo import great_circle_km
from firewatch.incidents import photos
from firewatch.incidents.models import Incident, IncidentPhoto
from firewatch.incidents.photos import Kept, NotTaken
from firewatch.web.console.speech import Speech
from firewatch.web.deps import FileSent
from firewatch.web.services import Services


@dataclass(frozen=True)
class PhotoCard:
    """A photo, and where and when its camera says that it was taken."""

    row: IncidentPhoto
    taken: str
    alt: str


def build(session: Session, speech: Speech, incident: Incident) -> Sequence[PhotoCard]:
    """Read a fire's photos, the newest first, those taken back at their place."""
    rows = photos.of_incident(session, incident.id or 0)
    return [PhotoCard(row, _taken(speech, incident, row), _alt(speech, row)) for row in reversed(rows)]


def kept(services: Services, sent: FileSent | None, fields: Mapping[str, str]) -> Kept:
    """Put away the picture that a form sent. Raises as `photos.keep` does."""
    data = sent.data if sent else b""
    return photos.keep(services.book, services.picture_store, data, upright="upright" in fields)


def problem(speech: Speech, error: BadInput) -> str:
    """Return what is wrong with a photo that was sent, and what to do about it."""
    if isinstance(error, NoPicture):
        return speech.word("photo.problem", error.what)
    if isinstance(error, NotTaken):
        return speech.t(f"photo.problem.{error.what}", **error.places)
    return speech.t("photo.problem.caption", most=photos.MOST_CAPTION)


def _alt(speech: Speech, row: IncidentPhoto) -> str:
    return row.caption or speech.t("photo.number", number=row.id)


def _taken(speech: Speech, incident: Incident, row: IncidentPhoto) -> str:
    """Return the camera's time and place; what it did not say is said not to be known."""
    time = speech.t("photo.taken_at", time=speech.clock(row.taken_at)) if row.taken_at else speech.t("photo.no_time")
    if row.lat is None or row.lon is None:
        return speech.t("photo.taken", time=time, place=speech.t("photo.no_place"))
    km = great_circle_km(row.lat, row.lon, incident.lat, incident.lon)
    place = speech.t("photo.place", lat=f"{row.lat:.4f}", lon=f"{row.lon:.4f}", km=speech.number(km))
    return speech.t("photo.taken", time=time, place=place)
