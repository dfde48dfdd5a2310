"""Somebody says where a crew or a vehicle is: the newest position is kept, with its time; older ones are not."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.resources.models import Crew, ResourceKind, Vehicle
from firewatch.resources.present import fix_of
from firewatch.resources.register import TABLES
from firewatch.resources.whereabouts import Fix
from firewatch.rulebook.alliance import Degrees

AHEAD: Final = timedelta(seconds=30)
"""How far another's clock may run ahead of ours: what it says then counts as now."""
BEHIND: Final = timedelta(days=30)
"""What was seen longer ago says nothing: it is a slip of the pen."""


class NewPosition(BaseModel):
    """Where something is, and when it was there."""

    model_config = ConfigDict(extra="forbid")

    lat: Annotated[Degrees, Field(ge=-90, le=90, description="Latitude, WGS84 degrees")]
    lon: Annotated[Degrees, Field(ge=-180, le=180, description="Longitude, WGS84 degrees")]
    at: AwareDatetime = Field(description="When it was there; not in the future, not before the position that is known")


def take_in(
    session: Session, clock: Clock, kind: ResourceKind, resource_id: str, new: NewPosition, by: str
) -> Crew | Vehicle:
    """Keep a position if it is newer than the one that is known; the same one told again changes nothing.

    Raises NotFound, BadInput for a time ahead or long past, and Conflict when a newer position is known.
    """
    row = find(session, kind, resource_id, hold=True)
    now = clock.now()
    if new.at > now + AHEAD:
        raise BadInput(f"at: lies ahead of the clock here, {now.isoformat()}: nobody was there yet")
    if new.at < now - BEHIND:
        raise BadInput(f"at: is more than {BEHIND.days} days ago: send the present position")
    told = Fix((new.lat, new.lon), min(new.at, now))
    held = fix_of(row)
    if held is not None and told.at <= held.at and told != held:
        raise Conflict(f"{resource_id}: its position at {held.at.isoformat()} is known, and this one is not newer")
    if told != held:
        row.present_lat, row.present_lon, row.fix_at, row.fix_by = *told.place, told.at, by
        session.flush()
    return row


def find(session: Session, kind: ResourceKind, resource_id: str, *, hold: bool = False) -> Crew | Vehicle:
    """Return an active crew or vehicle, with `hold` so that nobody else changes it meanwhile. Raises NotFound."""
    row = session.get(TABLES[kind], resource_id, with_for_update=hold)
    if not isinstance(row, Crew | Vehicle) or not row.active:
        raise NotFound(f"there is no {kind} {resource_id} that moves")
    return row
