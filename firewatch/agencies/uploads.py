"""Files of an agency's roster sent in through a browser, as every file is (`files.uploads`)."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from firewatch.agencies import exchange, shifts
from firewatch.agencies.entries import Told
from firewatch.agencies.exchange import Import
from firewatch.clock import Clock
from firewatch.files import uploads
from firewatch.files.models import Upload


def told(upload: Upload, zone: ZoneInfo) -> Told:
    """Return what a file tells. That can take a second, in which nobody else ought to wait for his turn to write."""
    return exchange.parse(upload.name, upload.data, zone, (upload.first_on, upload.last_on))


def look(session: Session, upload: Upload, told: Told, agency_id: str, zone: ZoneInfo) -> Import:
    """Return what taking a file over would change now in an agency's roster, and what is wrong with it."""
    return exchange.look(session, told, agency_id, zone, (upload.first_on, upload.last_on))


def take_over(
    session: Session, clock: Clock, upload: Upload, told: Told, agency_id: str, zone: ZoneInfo, seen: str
) -> Import:
    """Do what was seen, all of it. Raises Changed as `files.uploads.take_over` does."""
    shifts.take_turn(session, agency_id)

    def carry_out(found: Import) -> None:
        exchange.carry_out(session, clock, found, agency_id, upload.by)

    return uploads.take_over(session, clock, upload, seen, look(session, upload, told, agency_id, zone), carry_out)
