"""Tables of resources sent in through a browser, as every file is (`files.uploads`)."""

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.files import sheets, uploads
from firewatch.files.models import Upload
from firewatch.resources import exchange
from firewatch.resources.exchange import Import
from firewatch.resources.status import DISPATCH


def look(session: Session, upload: Upload) -> Import:
    """Return what taking a file over would change now, and what is wrong with it."""
    return exchange.look(session, sheets.parse(upload.name, upload.data), upload.agency_id)


def take_over(session: Session, clock: Clock, upload: Upload, seen: str) -> Import:
    """Do what was seen, all of it. Raises Changed as `files.uploads.take_over` does."""
    in_turn(session, DISPATCH)

    def carry_out(found: Import) -> None:
        exchange.carry_out(session, clock, found, upload.by)

    return uploads.take_over(session, clock, upload, seen, look(session, upload), carry_out)
