"""/api/v1: what follows from a stored plan."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from firewatch.dispatch import proposals
from firewatch.dispatch.models import Plan
from firewatch.dispatch.plan import parse_plan
from firewatch.dispatch.problem import parse_problem
from firewatch.dispatch.sending import sendings
from firewatch.dispatch.snapshot import fire_id
from firewatch.errors import NotFound
from firewatch.web.deps import ApiReader, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["incidents"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


class SendingPublic(BaseModel):
    """What sending a resource that stays as well would come to."""

    model_config = ConfigDict(from_attributes=True)

    resource: str
    vehicle: str = Field(description="That drives: its own id, or of the one that fetches it")
    arrives: float = Field(description="Minutes after the plan was made")
    later: float = Field(description="Minutes by which the plan would be complete later")
    reserve: int = Field(description="People who would be missing more within reach of the zones")


@router.get("/plans/{plan_id}/sending", responses=documented(401, 404, 422))
def list_sendings(plan_id: Id, services: ServicesDep, _caller: ApiReader) -> list[SendingPublic]:
    """List, for everything a plan leaves where it is and that could be sent, what sending it as well would cost."""
    with services.db.read() as session:
        plan = session.get(Plan, plan_id)
        if plan is None:
            raise NotFound(f"there is no plan {plan_id}")
        joint = proposals.joint_of(session, plan)
        fire, problem = fire_id(plan.incident_id), parse_problem(joint.problem)
    found = sendings(problem, parse_plan(joint.solution).trips, fire)
    return [SendingPublic.model_validate(each) for each in found.values()]
