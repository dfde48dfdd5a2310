"""What a plan assumed of those it could send: stored with it, and no later change of the register changes it.

The document is `{"turnout": "day" or "night", "no_night": [[kind, id], ...]}`; plans from before it was kept have none.
"""

from datetime import datetime
from typing import Any

from firewatch.resources import present
from firewatch.resources.models import Crew, Vehicle
from firewatch.resources.pool import Free
from firewatch.resources.work import kind_of
from firewatch.rulebook.read import Rulebook


def of(free: Free, now: datetime, book: Rulebook) -> dict[str, Any]:
    """Return what a plan made now assumes of those who are free."""
    everybody: list[Crew | Vehicle] = [*free.crews, *free.vehicles]
    if not present.night_now(now, book):
        return {"turnout": "day"}
    same = [[kind_of(row), row.id] for row in everybody if row.turnout_night_minutes is None]
    return {"turnout": "night", "no_night": same}
