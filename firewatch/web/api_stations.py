"""/api/v1: what own stations send. Each with a token of its own, which opens nothing else."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, Field

from firewatch.access.models import Role
from firewatch.errors import Refused
from firewatch.weather import station_posts
from firewatch.weather.station_posts import MOST_ROWS, Outcome, RowOutcome, StationMessage
from firewatch.web.deps import AnyCaller, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["stations"])


class RowAnswer(BaseModel):
    """What became of a row."""

    at: AwareDatetime
    outcome: Outcome
    reason: str = Field(description="Why it was refused; else empty")


class Taken(BaseModel):
    """What became of what was sent: how many rows of each outcome, and every row in its place."""

    station: str
    stored: int
    replaced: int
    unchanged: int
    refused: int
    rows: Annotated[list[RowAnswer], Field(max_length=MOST_ROWS)]


@router.post("/stations/{station}/observations", responses=documented(400, 401, 403, 404, 413, 422))
def observations(
    station: Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f/]+$")],
    message: StationMessage,
    services: ServicesDep,
    caller: AnyCaller,
) -> Taken:
    """Take in a station's hours; the same again changes nothing, and a refused row costs no other.

    Only the station's own token may send for it. Grades that hang on the hours follow by themselves within seconds.
    """
    if caller.role is not Role.STATION or caller.station != station:
        raise Refused(
            f"only the token of station {station} may send for it: firewatch token add NAME --station {station}"
        )
    with services.db.write() as session:
        rows = station_posts.receive(session, services.clock, services.book, station, message)
    services.wake()
    return _answer(station, rows)


def _answer(station: str, rows: list[RowOutcome]) -> Taken:
    count = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    return Taken(
        station=station,
        stored=count[Outcome.STORED],
        replaced=count[Outcome.REPLACED],
        unchanged=count[Outcome.UNCHANGED],
        refused=count[Outcome.REFUSED],
        rows=[RowAnswer(at=row.at, outcome=row.outcome, reason=row.reason) for row in rows],
    )
