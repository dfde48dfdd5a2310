"""/api/v1: texts to people, as a whole."""

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict

from firewatch.messaging import queue
from firewatch.web.deps import ApiReader, ServicesDep
from firewatch.web.problems import documented

router = APIRouter(prefix="/api/v1", tags=["messages"])


class QueuePublic(BaseModel):
    """The texts that wait, with us and at the provider; `ends_at` is about when the last one is out, if any goes."""

    model_config = ConfigDict(from_attributes=True)

    waiting: int
    segments: int
    ends_at: AwareDatetime | None
    stands_still: bool


@router.get("/messages/queue", responses=documented(401))
def show_queue(services: ServicesDep, _caller: ApiReader) -> QueuePublic:
    """Tell how many texts wait and when, at the rate of the sender, the last one is out."""
    with services.db.read() as session:
        return QueuePublic.model_validate(queue.standing(session, services.clock.now(), services.book.messages))
