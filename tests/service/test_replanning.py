"""A plan made anew counts what is coming already, and does not ask again who has declined."""

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import orders, planning
from firewatch.dispatch.models import OrderState
from firewatch.rulebook.read import Rulebook
from tests.build import OFFICER, joint_of, ordered_fire, plan_fire, prepare


def test_what_is_under_way_is_not_asked_for_twice(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    fire, given = ordered_fire(db, clock, rulebook)
    assert given
    with db.write() as session:
        planning.request_plan(session, clock, fire, OFFICER)
    again = plan_fire(db, clock, rulebook, fire)
    joint = joint_of(db, again)
    assert set(joint.problem["incidents"][0]["needs"].values()) == {0}
    assert again.trips == []
    assert joint.solution["shortages"] == []


def test_who_declined_is_replaced_by_somebody_else(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    fire, given = ordered_fire(db, clock, rulebook)
    lost = given[0]
    with db.write() as session:
        orders.advance(session, clock, lost.id or 0, OrderState.DECLINED, OFFICER, "车辆故障")
    again = plan_fire(db, clock, rulebook, fire)
    asked = {trip["vehicle"] for trip in again.trips}
    assert asked, "what the declined order would have brought is missing again"
    assert lost.vehicle_id not in asked
    assert asked.isdisjoint(order.vehicle_id for order in given)
