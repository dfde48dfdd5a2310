"""A fire's part of the joint plan on its page: trips, needs, what stays behind and why, the reserve it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from firewatch.dispatch import proposals
from firewatch.dispatch.models import Plan
from firewatch.dispatch.move_ups import MoveUp, move_ups
from firewatch.dispatch.plan import Plan as Solution
from firewatch.dispatch.plan import PlannedTrip, Status, parse_plan
from firewatch.dispatch.problem import Incident, Problem, parse_problem
from firewatch.dispatch.snapshot import fire_id, incident_of
from firewatch.web.console.page import Page
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


@dataclass(frozen=True)
class BesideRow:
    """Another fire planned with this one, and how many vehicles the plan sends there."""

    number: int
    vehicles: int


@dataclass(frozen=True)
class GapRow:
    """A zone whose reserve the plan leaves short: people asked for and missing within minutes; who could move up."""

    zone: str
    people: int
    within: float
    short: int
    moves: Sequence[str]


@dataclass(frozen=True)
class PlanView:
    """The newest plan."""

    row: Plan
    trips: Sequence[TripRow]
    needs: Sequence[NeedRow]
    beside: Sequence[BesideRow]
    gaps: Sequence[GapRow]
    passed_over: Sequence[PassedRow]
    certainty: str


def build(session: Session, page: Page, names: Names, row: Plan) -> PlanView:
    """Read a fire's plan out of the joint plan that it is a part of."""
    joint = proposals.joint_of(session, row)
    solution, problem = parse_plan(joint.solution), parse_problem(joint.problem)
    fire = fire_id(row.incident_id)
    return PlanView(
        row=row,
        trips=_trips(names, row, problem, [trip for trip in solution.trips if trip.incident == fire]),
        needs=[need for each in problem.incidents if each.id == fire for need in _needs(each, solution)],
        beside=[
            BesideRow(incident_of(each.id), sum(trip.incident == each.id for trip in solution.trips))
            for each in problem.incidents
            if each.id != fire
        ],
        gaps=_gaps(page, names, problem, solution),
        passed_over=_passed_over(page, names, solution, fire),
        certainty=_certainty(page, solution),
    )


def added_up(load: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the units by capability, whatever depots they come from."""
    units: dict[str, int] = {}
    for of_depot in load.values():
        for capability, number in of_depot.items():
            units[capability] = units.get(capability, 0) + number
    return units


def _trips(names: Names, row: Plan, problem: Problem, trips: Sequence[PlannedTrip]) -> list[TripRow]:
    agencies = {vehicle.id: vehicle.agency for vehicle in problem.vehicles}
    return [
        TripRow(
            trip=trip,
            vehicle=names.resource(trip.vehicle),
            agency=names.agency(agencies.get(trip.vehicle)),
            stops=[names.resource(stop) for stop in trip.stops],
            load=added_up(trip.load),
            eta_at=row.made_at + timedelta(minutes=trip.arrives),
        )
        for trip in sorted(trips, key=lambda trip: trip.arrives)
    ]


def _certainty(page: Page, solution: Solution) -> str:
    """Say how good a plan is known to be."""
    if solution.status is Status.OPTIMAL or solution.gap == 0:
        return page.speech.t("plan.proven")
    if solution.gap is not None:
        return page.speech.t("plan.within", percent=f"{solution.gap:.0%}")
    return page.speech.t("plan.quick")


def _needs(fire: Incident, solution: Solution) -> list[NeedRow]:
    short = {gap.capability: gap.short for gap in solution.shortages if gap.incident == fire.id}
    return [NeedRow(capability, needed, short.get(capability, 0)) for capability, needed in fire.needs.items()]


def _gaps(page: Page, names: Names, problem: Problem, solution: Solution) -> list[GapRow]:
    zones = {zone.id: zone for zone in problem.reserves}
    moves = move_ups(problem, solution.trips) if solution.reserve_gaps else []
    return [
        GapRow(
            zone=names.zone(gap.reserve),
            people=zones[gap.reserve].people,
            within=zones[gap.reserve].within,
            short=gap.short,
            moves=[_move(page, names, move) for move in moves if move.reserve == gap.reserve],
        )
        for gap in solution.reserve_gaps
    ]


def _move(page: Page, names: Names, move: MoveUp) -> str:
    vehicle, crew = names.resource(move.vehicle), names.resource(move.crew) if move.crew else ""
    key = "plan.move_up_crew" if crew else "plan.move_up"
    return page.speech.t(key, vehicle=vehicle, crew=crew, people=move.people, minutes=f"{move.minutes:.0f}")


def _passed_over(page: Page, names: Names, solution: Solution, fire: str) -> list[PassedRow]:
    rows = []
    for entry in solution.passed_over:
        numbers = {"people": "–", "seats": "–", "minutes": "–", "latest": "–"}
        numbers |= {name: f"{value:.0f}" for name, value in entry.numbers.items()}
        other = incident_of(entry.incident) if entry.incident is not None and entry.incident != fire else None
        reason = page.speech.t(f"passed_over.{entry.reason}", **numbers)
        rows.append(PassedRow(names.resource(entry.resource), reason, other))
    return rows
