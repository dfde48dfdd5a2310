"""/api/v1: tokens of programs. The first comes from FIREWATCH_BOOTSTRAP_TOKEN."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.errors import BadInput, Refused
from firewatch.web.deps import ApiWriter, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["access"])


class NewToken(BaseModel):
    """Whose token it is and what it may do."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=tokens.MAX_NAME, pattern=r"^[^\x00-\x1f]+$")]
    role: Role = Role.VIEWER
    station: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="With the role station, and only then: the station of the rulebook that it sends for"
    )
    agency: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="The agency whose resources it may change; without one those of all, or of the caller's own"
    )


class TokenMade(BaseModel):
    """A token, shown this once."""

    id: int
    name: str
    role: Role
    station: str | None
    created_at: AwareDatetime
    token: str


@router.post("/tokens", status_code=201, responses=documented(400, 401, 403, 409, 413, 422))
def create_token(new: NewToken, services: ServicesDep, caller: ApiWriter) -> TokenMade:
    """Create a token for a program; the secret is in this answer and nowhere else."""
    if new.station is not None and new.station not in services.book.weather.stations():
        raise BadInput(f"station: there is no station {new.station}; name it in weather.toml")
    if new.agency is not None and new.agency not in {row.id for row in services.book.agencies}:
        raise BadInput(f"agency: there is no agency {new.agency}")
    agency = new.agency or caller.agency_id
    if caller.agency_id not in (None, agency):
        raise Refused(f"you act for {caller.agency_id}: a token of yours acts for nobody else")
    with services.db.write() as session:
        row, secret = tokens.create(session, services.clock, new.name, new.role, new.station, agency)
        return TokenMade(
            id=row.id or 0,
            name=row.name,
            role=row.role,
            station=row.station,
            created_at=row.created_at,
            token=secret,
        )
