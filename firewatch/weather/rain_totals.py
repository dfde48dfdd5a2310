"""What running rain counters showed, hour by hour: kept for a while, for late and corrected rows need neighbours."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from firewatch.weather import rain_counter
from firewatch.weather.models import RainTotal

HOUR = timedelta(hours=1)


def put(session: Session, station: str, totals: Mapping[datetime, float]) -> dict[datetime, float]:
    """Keep totals of a station; return the amounts of their hours, and of the hours that follow them."""
    if not totals:
        return {}
    first, last = min(totals) - HOUR, max(totals) + HOUR
    query = select(RainTotal).where(RainTotal.station == station, col(RainTotal.valid_at).between(first, last))
    known = {row.valid_at: row for row in session.exec(query)}
    for at, total_mm in totals.items():
        if at in known:
            known[at].total_mm = total_mm
        else:
            known[at] = RainTotal(station=station, valid_at=at, total_mm=total_mm)
        session.add(known[at])
    session.flush()
    touched = set(totals) | {at + HOUR for at in totals}
    found = rain_counter.amounts({at: row.total_mm for at, row in known.items()})
    return {at: rain_mm for at, rain_mm in found.items() if at in touched}


def forget(session: Session, before: datetime) -> None:
    """Delete the totals of hours long past: a row that comes later still has no neighbours, and no amount."""
    session.exec(delete(RainTotal).where(col(RainTotal.valid_at) < before))
