"""The duty officer changes a proposal: on the record, with a reason, and scored beside the plan."""

import pytest
from sqlmodel import col

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch.again import solve_again
from firewatch.dispatch.by_hand import Sent
from firewatch.dispatch.models import Plan, PlanState
from firewatch.dispatch.override import override
from firewatch.dispatch.plan import parse_plan
from firewatch.dispatch.problem import parse_problem
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import progress, timeline
from firewatch.incidents.models import IncidentState
from firewatch.rulebook.read import Rulebook
from tests.build import (
    JISHISHAN,
    OFFICER,
    confirm,
    incident_of,
    joint_of,
    plan_fire,
    prepare,
    report_fire,
    rows,
)
from tests.service.console import forms, open_desk, report, said


def planned(db: Database, clock: FixedClock, book: Rulebook) -> tuple[Plan, Plan]:
    """The proposals of two fires planned together."""
    prepare(db, book)
    first = incident_of(report_fire(db, clock, book))
    report_fire(db, clock, book, place=JISHISHAN)
    plan_fire(db, clock, book, first)
    one, other = rows(db, Plan)
    return one, other


def free_vehicle(db: Database, plan: Plan) -> str:
    joint = joint_of(db, plan)
    taken = {trip["vehicle"] for trip in joint.solution["trips"]}
    vehicle: str = next(each["id"] for each in joint.problem["vehicles"] if each["id"] not in taken and each["crew"])
    return vehicle


def test_an_override_is_proposed_recorded_and_confirmed_like_any_plan(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first, other = planned(db, clock, rulebook)
    left, sent = first.trips[0]["vehicle"], free_vehicle(db, first)
    with db.write() as session:
        new = override(session, clock, first.id or 0, [left], [Sent(sent)], " bridge is out ", OFFICER)
    vehicles = {trip["vehicle"] for trip in new.trips}
    assert sent in vehicles
    assert left not in vehicles
    joint = joint_of(db, new)
    assert (joint.solver, joint.instead_of_id, joint.reason) == ("officer/1", first.joint_plan_id, "bridge is out")
    now = {plan.id: plan for plan in rows(db, Plan, col(Plan.state) == PlanState.PROPOSED)}
    assert set(now) == {new.id, other.id}
    assert now[other.id].joint_plan_id == joint.id, "the other fire keeps what it has, in the same joint plan"
    with db.read() as session:
        entry = timeline.entries(session, first.incident_id)[-1]
    assert (entry.kind, entry.actor, entry.data["reason"]) == ("plan_overridden", OFFICER, "bridge is out")
    again = solve_again(joint.solver, parse_problem(joint.problem), parse_plan(joint.solution), lambda: 1.0)
    assert again.differences == []
    assert {order.vehicle_id for order in confirm(db, clock, rulebook, new)} == vehicles


def test_what_cannot_be_overridden_says_why(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    first, other = planned(db, clock, rulebook)
    number, left = first.id or 0, first.trips[0]["vehicle"]
    for leave_out, reason, says in (
        ([left], "", "reason: say why"),
        ([], "because", "nothing is changed"),
        (["no-such"], "because", "no-such is not in the plan"),
    ):
        with db.write() as session, pytest.raises(BadInput, match=says):
            override(session, clock, number, leave_out, [], reason, OFFICER)
    with db.write() as session, pytest.raises(NotFound):
        override(session, clock, 99, [left], [], "because", OFFICER)
    confirm(db, clock, rulebook, first)
    with db.write() as session, pytest.raises(Conflict, match="is confirmed"):
        override(session, clock, number, [left], [], "because", OFFICER)
    with db.write() as session:
        progress.change_state(session, clock, other.incident_id, IncidentState.FALSE_ALARM, OFFICER)
        session.get_one(Plan, other.id).state = PlanState.PROPOSED
    with db.write() as session, pytest.raises(Conflict, match="is over"):
        override(session, clock, other.id or 0, [other.trips[0]["vehicle"]], [], "because", OFFICER)


def test_the_page_changes_a_plan_and_scores_it_beside_the_proposal(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = open_desk(db, clock, rulebook)
    officer = desk.person()
    report(officer)
    desk.plan(1)
    form = next(form for form in forms(officer.page("/incidents/1")) if form.action.endswith("/override"))
    leave = next(name for name in form.values if name.startswith("leave-"))
    choice = {"vehicle": "", "crew": "", "reason": "road is blocked"}
    kept = {name: value for name, value in form.values.items() if not name.startswith("leave-") or name == leave}
    assert officer.client.post(form.action, data=kept | choice).status_code == 303
    page = said(officer.page("/incidents/1"))
    assert "Changed by hand: road is blocked" in page
    assert "Changed by hand: not computed" in page
    assert "shortage (weighted)" in page
    bad = officer.client.post(form.action.replace("plans/1", "plans/2"), data=kept | choice | {"crew": "kangle-pro"})
    assert bad.status_code == 422
    assert "choose the vehicle" in bad.text
