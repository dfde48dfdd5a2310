"""Files sent in through a browser: looked at first, and taken over only as they were seen.

A file waits in the database between the two. What is then done is what the person saw, or nothing: when what is there
has changed meanwhile the look is another, and its mark no longer fits.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final, Protocol, TypeVar

from sqlmodel import Session, col, delete

from firewatch.clock import Clock
from firewatch.errors import Conflict, NotFound
from firewatch.files.models import Subject, Upload
from firewatch.files.problems import Problem

KEPT: Final = timedelta(days=1)
"""How long a file waits to be taken over."""


class Look(Protocol):
    """What a file would do: the changes, none of which is made while there are problems."""

    @property
    def problems(self) -> Sequence[Problem]:
        """All that is wrong."""
        ...

    @property
    def changes(self) -> Sequence[Any]:
        """What would be done, as values."""
        ...


Seen = TypeVar("Seen", bound=Look)


class Changed(Conflict):
    """What the file is about is not what it was when the person looked."""


def keep(
    session: Session,
    clock: Clock,
    subject: Subject,
    name: str,
    data: bytes,
    by: str,
    agency_id: str | None = None,
    days: tuple[date | None, date | None] = (None, None),
) -> Upload:
    """Put a file that can be read aside to be looked at; old ones are forgotten."""
    session.exec(delete(Upload).where(col(Upload.at) < clock.now() - KEPT))
    upload = Upload(
        id=secrets.token_urlsafe(16),
        at=clock.now(),
        by=by,
        subject=subject,
        name=name[-200:],
        agency_id=agency_id,
        first_on=days[0],
        last_on=days[1],
        data=data,
    )
    session.add(upload)
    session.flush()
    return upload


def find(session: Session, subject: Subject, upload_id: str, by: str, agency_id: str | None = None) -> Upload:
    """Return a file that somebody has sent in himself, of an agency if one is given. Raises NotFound."""
    upload = session.get(Upload, upload_id)
    if upload is None or upload.by != by or upload.subject is not subject or agency_id not in (None, upload.agency_id):
        raise NotFound("this file is no longer here: send it in once more")
    return upload


def mark(found: Look) -> str:
    """Return the mark of a look: the same as long as exactly the same would be done."""
    seen = [[asdict(each) for each in listed] for listed in (found.problems, found.changes)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


def take_over(
    session: Session, clock: Clock, upload: Upload, seen: str, found: Seen, carry_out: Callable[[Seen], object]
) -> Seen:
    """Do what was seen, all of it. Raises Changed when that is not what would be done now, or there are problems.

    A file that was taken over already is not taken over again: the answer is what it would still change, nothing.
    The look is to be had in the turn in which it is carried out.
    """
    if upload.done_at is not None:
        return found
    if found.problems or mark(found) != seen:
        raise Changed("something has changed since you looked at the file: look again")
    carry_out(found)
    upload.done_at, upload.changes = clock.now(), len(found.changes)
    session.add(upload)
    session.flush()
    return found
