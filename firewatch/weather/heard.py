"""The account of own stations: when each was last heard, whichever way it sends, and what of it was refused."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from firewatch.weather.feeds import Heard
from firewatch.weather.models import StationStatus

AHEAD: Final = timedelta(minutes=5)
"""A clock may be so far ahead of ours; what is further ahead is refused."""
TOO_FAR: Final = f"by more than {AHEAD // timedelta(minutes=1)} minutes: set the station's clock"
"""What is said of a row that is."""


def believable(at: datetime | None, now: datetime) -> datetime | None:
    """Return an hour on record, or None for one ahead of now: a clock that ran ahead wrote it, and it says nothing."""
    return at if at is not None and at <= now + AHEAD else None


def newest(known: datetime | None, told: datetime | None, now: datetime) -> datetime | None:
    """Return the newer of an hour on record and one that was told."""
    return max((at for at in (believable(known, now), told) if at is not None), default=None)


def note(session: Session, source: str, heard: Heard, now: datetime) -> StationStatus:
    """Write down what is known of a station now, and return its account: it was heard when it told a newer hour."""
    row = session.get(StationStatus, heard.station)
    if row is None:
        row = StationStatus(station=heard.station, source=source, point_id="", expected_since_at=now)
    row.source, row.point_id = source, heard.point_id
    row.refused = heard.refused[:200] if heard.refused else None
    known = row.newest_valid_at
    row.newest_valid_at = newest(known, heard.newest_at, now)
    if row.newest_valid_at != known:
        row.last_received_at = now
    session.add(row)
    return row
