"""Tables sent in through a browser: looked at first, and taken over only as they were seen.

A file waits in the database between the two. What is then done is what the person saw, or nothing: when the register
has changed meanwhile the look is another, and its mark no longer fits.
"""

import hashlib
import json
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, delete

from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import Conflict, NotFound
from firewatch.resources import exchange, sheets
from firewatch.resources.exchange import Import
from firewatch.resources.models import ResourceUpload
from firewatch.resources.status import DISPATCH

KEPT: Final = timedelta(days=1)
"""How long a file waits to be taken over."""


class Changed(Conflict):
    """The register is not what it was when the person looked."""


def keep(
    session: Session, clock: Clock, name: str, data: bytes, by: str, agency_id: str | None = None
) -> ResourceUpload:
    """Put a file aside to be looked at; old ones are forgotten. Raises `sheets.Unreadable` for what is no table."""
    sheets.parse(name, data)
    session.exec(delete(ResourceUpload).where(col(ResourceUpload.at) < clock.now() - KEPT))
    upload = ResourceUpload(
        id=secrets.token_urlsafe(16), at=clock.now(), by=by, name=name[-200:], agency_id=agency_id, data=data
    )
    session.add(upload)
    session.flush()
    return upload


def find(session: Session, upload_id: str, by: str) -> ResourceUpload:
    """Return a file that somebody has sent in himself. Raises NotFound."""
    upload = session.get(ResourceUpload, upload_id)
    if upload is None or upload.by != by:
        raise NotFound("this table is no longer here: send it in once more")
    return upload


def look(session: Session, upload: ResourceUpload) -> Import:
    """Return what taking a file over would change now, and what is wrong with it."""
    return exchange.look(session, sheets.parse(upload.name, upload.data), upload.agency_id)


def mark(found: Import) -> str:
    """Return the mark of a look: the same as long as exactly the same would be done."""
    seen = [[asdict(each) for each in listed] for listed in (found.problems, found.changes)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def take_over(session: Session, clock: Clock, upload: ResourceUpload, seen: str) -> Import:
    """Do what was seen, all of it. Raises Changed when that is not what would be done now, or there are problems.

    A file that was taken over already is not taken over again: the answer is what it would still change, nothing.
    """
    in_turn(session, DISPATCH)
    found = look(session, upload)
    if upload.done_at is not None:
        return found
    if found.problems or mark(found) != seen:
        raise Changed("the register has changed since you looked at the table: look again")
    exchange.carry_out(session, clock, found, upload.by)
    upload.done_at, upload.changes = clock.now(), len(found.changes)
    session.add(upload)
    session.flush()
    return found
