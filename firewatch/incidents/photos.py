"""Photos of a fire: added by whoever is there or at the desk, taken back with a reason, all on the record."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.files.picture_store import PictureStore
from firewatch.files.pictures import Picture, read
from firewatch.incidents import progress
from firewatch.incidents.models import IncidentPhoto
from firewatch.incidents.timeline import record
from firewatch.rulebook.read import Rulebook

MOST_CAPTION: Final = 200
MOST_WHY: Final = 200
AHEAD: Final = timedelta(days=1)
"""A camera whose clock is further ahead than that knows no time."""
EARLIEST: Final = 2000
"""Nor one that says an earlier year."""


class NotTaken(BadInput):
    """A photo that could be read but is not taken."""

    def __init__(self, what: str, detail: str, **places: object) -> None:
        """Say what is wrong: the catalogue key photo.problem.<what>, and what fills its places."""
        super().__init__(f"picture: {detail}")
        self.what, self.places = what, places


@dataclass(frozen=True)
class Kept:
    """A picture that lies in the data folder, and is on no record yet."""

    picture: Picture
    digest: str
    sent_digest: str


def keep(book: Rulebook, store: PictureStore, sent: bytes, *, upright: bool = False) -> Kept:
    """Read a file that was sent in and put the picture away: this takes its time, so no transaction waits for it.

    Raises NotTaken when nothing came or too much, NoPicture, and Unavailable when it cannot be kept.
    """
    most = book.photos.max_mib
    if not sent:
        raise NotTaken("none", "is empty: choose one")
    if len(sent) > most * 2**20:
        raise NotTaken("size", f"is larger than {most} MiB", most=most)
    picture = read(sent, book.alliance.tz, book.photos.longest_px, upright=upright)
    return Kept(picture, store.keep(picture), hashlib.sha256(sent).hexdigest())


def add(
    session: Session,
    clock: Clock,
    book: Rulebook,
    incident_id: int,
    kept: Kept,
    caption: str,
    by: str,
    most: int | None = None,
) -> IncidentPhoto:
    """Put a picture on a fire's record, also of one that is over; the same file again is the photo that is there.

    `most` is how many this person may send in all; None: no limit of his own. Raises NotFound, BadInput and NotTaken.
    """
    said = " ".join(caption.split())
    if len(said) > MOST_CAPTION:
        raise BadInput(f"caption: at most {MOST_CAPTION} letters")
    progress.hold(session, incident_id)
    known, picture = of_incident(session, incident_id), kept.picture
    for row in known:
        if row.sent_digest == kept.sent_digest and row.withdrawn_at is None:
            return row
    if len(known) >= book.photos.per_incident:
        raise NotTaken("full", f"the fire has {len(known)} photos already", most=book.photos.per_incident)
    if most is not None and len([row for row in known if row.added_by == by]) >= most:
        raise NotTaken("full_link", f"{most} have been sent by this link already", most=most)
    now = clock.now()
    row = IncidentPhoto(
        incident_id=incident_id,
        digest=kept.digest,
        sent_digest=kept.sent_digest,
        caption=said,
        width=picture.width,
        height=picture.height,
        taken_at=_believed(picture.taken_at, now),
        lat=picture.lat,
        lon=picture.lon,
        added_at=now,
        added_by=by,
    )
    session.add(row)
    session.flush()
    record(session, incident_id, now, "photo_added", by, photo=str(row.id), caption=said)
    session.flush()
    return row


def withdraw(session: Session, clock: Clock, incident_id: int, photo_id: int, why: str, by: str) -> IncidentPhoto:
    """Take a photo back: it is shown no more, but stays on record. Raises NotFound, BadInput, Conflict."""
    said = " ".join(why.split())
    if not said or len(said) > MOST_WHY:
        raise BadInput(f"reason: say in at most {MOST_WHY} letters why the photo is taken back")
    progress.hold(session, incident_id)
    row = get(session, incident_id, photo_id)
    if row.withdrawn_at is not None:
        raise Conflict("this photo has been taken back already")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = clock.now(), by, said
    record(session, incident_id, clock.now(), "photo_withdrawn", by, photo=str(row.id), why=said)
    session.flush()
    return row


def of_incident(session: Session, incident_id: int) -> list[IncidentPhoto]:
    """Return a fire's photos in the order in which they came, those taken back too."""
    query = select(IncidentPhoto).where(IncidentPhoto.incident_id == incident_id).order_by(col(IncidentPhoto.id))
    return list(session.exec(query))


def get(session: Session, incident_id: int, photo_id: int) -> IncidentPhoto:
    """Return a photo of a fire. Raises NotFound."""
    row = session.get(IncidentPhoto, photo_id)
    if row is None or row.incident_id != incident_id:
        raise NotFound(f"incident {incident_id} has no photo {photo_id}")
    return row


def picture(session: Session, store: PictureStore, incident_id: int, photo_id: int, *, small: bool) -> bytes:
    """Return the bytes of a photo (JPEG). Raises NotFound, also for one that was taken back."""
    row = get(session, incident_id, photo_id)
    if row.withdrawn_at is not None:
        raise NotFound(f"photo {photo_id} was taken back")
    data = store.find(row.digest, small=small)
    if data is None:
        raise NotFound(f"photo {photo_id} is on record, but its file is missing in the data folder")
    return data


def _believed(taken_at: datetime | None, now: datetime) -> datetime | None:
    if taken_at is None or taken_at > now + AHEAD or taken_at.year < EARLIEST:
        return None
    return taken_at
