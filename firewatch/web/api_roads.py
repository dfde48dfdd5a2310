"""/api/v1: roads that are closed for a time."""

from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel

from firewatch.dispatch import closures
from firewatch.dispatch.closures import NewClosure, Spot
from firewatch.dispatch.models import RoadClosure
from firewatch.dispatch.standing import in_force
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["roads"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class ClosurePublic(BaseModel):
    """A spot, or a line that begins there, around which nobody drives until it is opened again."""

    id: int
    lat: float
    lon: float
    line: list[Spot]
    radius_m: int
    reason: str
    closed_at: AwareDatetime
    closed_by: str
    opened_at: AwareDatetime | None
    opened_by: str | None

    @classmethod
    def of(cls, row: RoadClosure) -> Self:
        """Return a row of the database as it is told."""
        line = [{"lat": lat, "lon": lon} for lat, lon in row.line]
        return cls.model_validate({**row.model_dump(), "line": line})


@router.get("/roads/closures", responses=documented(401, 422))
def list_closures(services: ServicesDep, _caller: ApiReader) -> list[ClosurePublic]:
    """List what is closed now, the newest first."""
    with services.db.read() as session:
        return [ClosurePublic.of(row) for row in in_force(session)]


@router.post("/roads/close", status_code=201, responses=documented(400, 401, 403, 413, 422))
def close_road(new: NewClosure, services: ServicesDep, caller: ApiWriter) -> ClosurePublic:
    """Close the roads around a spot; new plans fall due for fires whose plan is a proposal."""
    with services.db.write() as session:
        row = closures.close(session, services.clock, new, caller.by)
    services.wake()
    return ClosurePublic.of(row)


@router.post("/roads/closures/{closure_id}/open", responses=documented(400, 401, 403, 404, 409, 413, 422))
def open_road(closure_id: Id, services: ServicesDep, caller: ApiWriter) -> ClosurePublic:
    """Open the roads around a spot again."""
    with services.db.write() as session:
        row = closures.reopen(session, services.clock, closure_id, caller.by)
    services.wake()
    return ClosurePublic.of(row)
