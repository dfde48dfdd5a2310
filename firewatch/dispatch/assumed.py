"""What a plan assumed of those it could send: stored with it, and no later change of the register changes it.

The document is `{"turnout": "day" or "night", "no_night": [[kind, id], ...], "places": [{"kind", "resource", "basis",
"lat", "lon", "fix_at"}, ...]}`: `no_night` stands there by night only, `places` name whoever has ever told a position.
Plans from before it was kept have an empty one: everybody was planned from home, and as by day.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from firewatch.dispatch.models import JointPlan, Plan
from firewatch.resources import present
from firewatch.resources.models import Crew, ResourceKind, Vehicle
from firewatch.resources.pool import Free
from firewatch.resources.whereabouts import Place
from firewatch.resources.work import kind_of
from firewatch.rulebook.read import Rulebook


def of(free: Free, now: datetime, book: Rulebook) -> dict[str, Any]:
    """Return what a plan made now assumes of those who are free."""
    everybody: list[Crew | Vehicle] = [*free.crews, *free.vehicles]
    seen = [_place(row, row.fix_at, now, book) for row in everybody if row.fix_at is not None]
    if not present.night_now(now, book):
        return {"turnout": "day", "places": seen}
    same = [[kind_of(row), row.id] for row in everybody if row.turnout_night_minutes is None]
    return {"turnout": "night", "no_night": same, "places": seen}


def places(assumed: Mapping[str, Any]) -> dict[tuple[ResourceKind, str], Place]:
    """Return where a plan had whoever has told a position, by kind and id; the others it had at home."""
    return {
        (ResourceKind(each["kind"]), each["resource"]): (each["lat"], each["lon"]) for each in assumed.get("places", ())
    }


def by_plan(session: Session, plan_ids: Collection[int]) -> dict[int, dict[tuple[ResourceKind, str], Place]]:
    """Return the `places` of the joint plans of some plans, by plan, without their large documents."""
    query = select(Plan.id, JointPlan.assumed).join(JointPlan, col(Plan.joint_plan_id) == col(JointPlan.id))
    rows = session.exec(query.where(col(Plan.id).in_(sorted(set(plan_ids)))))
    return {number: places(taken) for number, taken in rows if number is not None}


def _place(row: Crew | Vehicle, fix_at: datetime, now: datetime, book: Rulebook) -> dict[str, Any]:
    found = present.whereabouts_of(row, now, book.resources)
    return {
        "kind": kind_of(row),
        "resource": row.id,
        "basis": found.basis,
        "lat": found.place[0],
        "lon": found.place[1],
        "fix_at": fix_at.isoformat(),
    }
