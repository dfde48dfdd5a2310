"""A fire's part of the joint plan on its page: trips, needs, what stays behind and why, the reserve it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from sqlmodel import Session

from firewatch.dispatch import proposals
from firewatch.dispatch.by_hand import BY_HAND
from firewatch.dispatch.models import JointPlan, Plan, PlanState
from firewatch.dispatch.move_ups import move_ups
from firewatch.dispatch.plan import Plan as Solution
from firewatch.dispatch.plan import PlannedTrip, Status, parse_plan
from firewatch.dispatch.problem import Incident, Problem, parse_problem
from firewatch.dispatch.sending import Sending, sendings
from firewatch.dispatch.snapshot import fire_id, incident_of
from firewatch.web.console.assumed_view import origins, sentences, trip_origins
from firewatch.web.console.minutes_view import MinutesNote, minutes_note, on_foot
from firewatch.web.console.page import Page
from firewatch.web.console.reserve_view import GapRow, gap_rows
from firewatch.web.console.speech import Names


@dataclass(frozen=True)
class TripRow:
    """A planned trip; `load` is told as capability and units."""

    trip: PlannedTrip
    vehicle: str
    agency: str
    stops: Sequence[str]
    load: Mapping[str, int]
    eta_at: datetime
    on_foot: float
    """Of its minutes those that are walked."""
    origins: Sequence[str]
    """From where those who have told a position were planned."""


@dataclass(frozen=True)
class NeedRow:
    """What the run card asks of one capability, and how much of it the plan brings."""

    capability: str
    needed: int
    short: int


@dataclass(frozen=True)
class PassedRow:
    """A resource that stays, and why; `fire` is the number of the fire that the reason speaks of, if it is another."""

    name: str
    reason: str
    fire: int | None
    cost: str = ""
    """What sending it as well would come to; empty when it cannot be sent."""


@dataclass(frozen=True)
class BesideRow:
    """Another fire planned with this one, and how many vehicles the plan sends there."""

    number: int
    vehicles: int


@dataclass(frozen=True)
class Change:
    """What is other than in the proposal that this one replaced, made at `since`: lines by kind of change."""

    since: datetime
    added: Sequence[str]
    dropped: Sequence[str]
    altered: Sequence[str]


@dataclass(frozen=True)
class ScoreRow:
    """One objective, as the plan that was overridden has it and as this one does."""

    objective: str
    proposed: str
    chosen: str
    worse: bool


@dataclass(frozen=True)
class ByHand:
    """A plan that an officer changed: why, and how it scores beside what was proposed."""

    reason: str
    scores: Sequence[ScoreRow]


@dataclass(frozen=True)
class Free:
    """What a form offers to be sent as well: ids with their names."""

    vehicles: Mapping[str, str]
    crews: Mapping[str, str]


@dataclass(frozen=True)
class PlanView:
    """The newest plan."""

    row: Plan
    trips: Sequence[TripRow]
    needs: Sequence[NeedRow]
    change: Change | None
    by_hand: ByHand | None
    free: Free
    beside: Sequence[BesideRow]
    gaps: Sequence[GapRow]
    passed_over: Sequence[PassedRow]
    certainty: str
    minutes: MinutesNote
    assumed: Sequence[str]
    """What was taken for granted of those who could be sent, in sentences."""
    origins: Sequence[str]
    """From where all those were planned who have told a position."""


def build(session: Session, page: Page, names: Names, row: Plan) -> PlanView:
    """Read a fire's plan out of the joint plan that it is a part of."""
    joint = proposals.joint_of(session, row)
    solution, problem = parse_plan(joint.solution), parse_problem(joint.problem)
    fire = fire_id(row.incident_id)
    return PlanView(
        row=row,
        trips=_trips(page, names, row, joint, problem, [trip for trip in solution.trips if trip.incident == fire]),
        needs=[need for each in problem.incidents if each.id == fire for need in _needs(each, solution)],
        change=_change(page, names, row, proposals.before(session, row)),
        by_hand=_by_hand(session, page, joint, solution, fire),
        free=_free(names, problem, solution),
        beside=[
            BesideRow(incident_of(each.id), sum(trip.incident == each.id for trip in solution.trips))
            for each in sorted(problem.incidents, key=lambda each: incident_of(each.id))
            if each.id != fire
        ],
        gaps=gap_rows(
            page.speech,
            names,
            problem,
            solution.reserve_gaps,
            move_ups(problem, solution.trips) if solution.reserve_gaps else [],
        ),
        passed_over=[*_kept_out(page, names, joint), *_passed_over(page, names, problem, solution, fire)],
        certainty=_certainty(page, solution),
        minutes=minutes_note(page.speech, names, problem),
        assumed=sentences(page.speech, names, joint.assumed),
        origins=origins(page.speech, names, joint.assumed, joint.made_at),
    )


def added_up(load: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the units by capability, whatever depots they come from."""
    units: dict[str, int] = {}
    for of_depot in load.values():
        for capability, number in of_depot.items():
            units[capability] = units.get(capability, 0) + number
    return units


def _trips(
    page: Page, names: Names, row: Plan, joint: JointPlan, problem: Problem, trips: Sequence[PlannedTrip]
) -> list[TripRow]:
    agencies = {vehicle.id: vehicle.agency for vehicle in problem.vehicles}
    return [
        TripRow(
            trip=trip,
            vehicle=names.resource(trip.vehicle),
            agency=names.agency(agencies.get(trip.vehicle)),
            stops=[names.resource(stop) for stop in trip.stops],
            load=added_up(trip.load),
            eta_at=row.made_at + timedelta(minutes=trip.arrives),
            on_foot=on_foot(problem, trip),
            origins=trip_origins(page.speech, names, joint.assumed, joint.made_at, trip),
        )
        for trip in sorted(trips, key=lambda trip: trip.arrives)
    ]


def _change(page: Page, names: Names, row: Plan, old: Plan | None) -> Change | None:
    """Return what a proposal changes in the one that it replaced; None where it replaced none or changes nothing."""
    if old is None or old.state != PlanState.REPLACED:
        return None
    was, now = ({trip["vehicle"]: trip for trip in plan.trips} for plan in (old, row))
    altered = [name for name in now if name in was and now[name] != was[name]]

    def said(key: str, vehicle: str, trip: Mapping[str, Any]) -> str:
        way = " → ".join(names.resource(stop) for stop in trip["stops"])
        return page.speech.t(key, vehicle=names.resource(vehicle), way=way or "–", minutes=f"{trip['arrives']:.0f}")

    change = Change(
        since=old.made_at,
        added=[said("plan.now", name, now[name]) for name in now if name not in was],
        dropped=[said("plan.no_more", name, was[name]) for name in was if name not in now],
        altered=[said("plan.otherwise", name, now[name]) for name in altered],
    )
    return change if change.added or change.dropped or change.altered else None


def _by_hand(session: Session, page: Page, joint: JointPlan, solution: Solution, fire: str) -> ByHand | None:
    if joint.reason is None or joint.instead_of_id is None:
        return None
    old = parse_plan(session.get_one(JointPlan, joint.instead_of_id).solution)
    before, now = _scores(old, fire), _scores(solution, fire)
    rows = [
        ScoreRow(name, _said(page, before[name]), _said(page, now[name]), _or_inf(now[name]) > _or_inf(before[name]))
        for name in before
    ]
    return ByHand(joint.reason, rows)


def _scores(solution: Solution, fire: str) -> dict[str, float | None]:
    values = solution.objectives
    return {
        "shortage": values.shortage,
        "reserve": values.reserve,
        "complement": values.complement[fire],
        "first_attack": values.first_attack[fire],
        "use": values.use,
    }


def _said(page: Page, value: float | None) -> str:
    return page.speech.t("plan.nobody") if value is None else f"{value:.4g}"


def _or_inf(value: float | None) -> float:
    return inf if value is None else value


def _free(names: Names, problem: Problem, solution: Solution) -> Free:
    vehicles = {trip.vehicle for trip in solution.trips}
    crews = {crew for trip in solution.trips for crew in trip.crews}
    return Free(
        {each.id: names.resource(each.id) for each in problem.vehicles if each.id not in vehicles},
        {each.id: names.resource(each.id) for each in problem.crews if each.id not in crews},
    )


def _certainty(page: Page, solution: Solution) -> str:
    """Say how good a plan is known to be."""
    if solution.proof.get("method") == BY_HAND:
        return page.speech.t("plan.by_hand")
    if solution.status is Status.OPTIMAL or solution.gap == 0:
        return page.speech.t("plan.proven")
    if solution.gap is not None:
        return page.speech.t("plan.within", percent=f"{solution.gap:.0%}")
    return page.speech.t("plan.quick")


def _needs(fire: Incident, solution: Solution) -> list[NeedRow]:
    short = {gap.capability: gap.short for gap in solution.shortages if gap.incident == fire.id}
    return [NeedRow(capability, needed, short.get(capability, 0)) for capability, needed in fire.needs.items()]


def _kept_out(page: Page, names: Names, joint: JointPlan) -> list[PassedRow]:
    """Return who could not be planned with at all: busy or out of service, or over the hours of work."""
    rows = []
    for entry in joint.kept_out:
        if entry["rests_until"] is None:
            reason = page.speech.t("kept_out.not_free", status=page.speech.word("resource_status", entry["status"]))
        else:
            until = page.speech.clock(datetime.fromisoformat(entry["rests_until"]))
            reason = page.speech.t("kept_out.must_rest", worked=page.speech.span(entry["worked_minutes"]), until=until)
        rows.append(PassedRow(names.resource(entry["resource"]), reason, None))
    return rows


def _passed_over(page: Page, names: Names, problem: Problem, solution: Solution, fire: str) -> list[PassedRow]:
    rows = []
    costs = sendings(problem, solution.trips, fire)
    for entry in solution.passed_over:
        numbers = {"people": "–", "seats": "–", "minutes": "–", "latest": "–"}
        numbers |= {name: f"{value:.0f}" for name, value in entry.numbers.items()}
        other = incident_of(entry.incident) if entry.incident is not None and entry.incident != fire else None
        reason = page.speech.t(f"passed_over.{entry.reason}", **numbers)
        cost = _cost(page, names, costs[entry.resource]) if entry.resource in costs else page.speech.t("sending.none")
        rows.append(PassedRow(names.resource(entry.resource), reason, other, cost))
    return rows


def _cost(page: Page, names: Names, cost: Sending) -> str:
    """Return what sending a resource as well would come to, in words."""
    t = page.speech.t
    parts = [t("sending.arrives", minutes=f"{cost.arrives:.0f}")]
    if cost.vehicle != cost.resource:
        parts.append(t("sending.by", vehicle=names.resource(cost.vehicle)))
    parts.append(t("sending.later", minutes=f"{cost.later:.0f}") if cost.later else t("sending.no_later"))
    if cost.reserve:
        parts.append(t("sending.reserve", people=cost.reserve))
    return t("sending.comma").join(parts)
