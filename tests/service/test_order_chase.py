"""An order nobody acknowledges: given again, then an alarm."""

from datetime import timedelta

import pytest
from sqlmodel import col

from firewatch.agencies.models import Agency
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import order_chase, orders
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents import timeline
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Alarm, Message, SubjectKind
from firewatch.resources.models import Crew, Depot, Vehicle
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, prepare, rows, set_rows
from tests.service.messages import RULES

ALARM = "order_unseen"


@pytest.fixture
def given(db: Database, clock: FixedClock, rulebook: Rulebook) -> list[Order]:
    """Orders given just now."""
    prepare(db, rulebook)
    return ordered_fire(db, clock, rulebook)[1]


def due(db: Database, clock: FixedClock) -> list[int]:
    with db.read() as session:
        return order_chase.due(session, clock.now(), RULES)


def chase(db: Database, clock: FixedClock, book: Rulebook) -> int:
    taken = 0
    for number in due(db, clock):
        with db.write() as session:
            taken += order_chase.chase(session, clock, book, number)
    return taken


def advance(db: Database, clock: FixedClock, order: Order, *steps: OrderState) -> None:
    for step in steps:
        with db.write() as session:
            orders.advance(session, clock, order.id or 0, step, "officer", "a bridge is out")


def told(db: Database, order: Order, step: int) -> list[str]:
    found: list[Message] = rows(
        db,
        Message,
        col(Message.subject_kind) == SubjectKind.ORDER,
        col(Message.subject_id) == order.id,
        col(Message.step) == step,
    )
    assert {message.template for message in found} <= {"sms.order"}
    return sorted(message.contact_id or "" for message in found)


def alarms(db: Database, kind: str = ALARM) -> list[Alarm]:
    with db.read() as session:
        return [alarm for alarm in open_alarms(session) if alarm.kind == kind]


def owners(db: Database, order: Order) -> set[str]:
    owner = {row.id: row.agency_id for table in (Crew, Vehicle, Depot) for row in rows(db, table)}
    return {owner[name] for name in (order.vehicle_id, *order.stops)}


def test_silence_is_told_again_then_to_those_off_duty_and_alarmed(
    db: Database, clock: FixedClock, rulebook: Rulebook, given: list[Order]
) -> None:
    clock.advance(minutes=4, seconds=59)
    assert due(db, clock) == []
    clock.advance(seconds=1)
    assert chase(db, clock, rulebook) == len(given)
    for order in given:
        assert told(db, order, 2) == sorted(f"{agency}-liaison" for agency in owners(db, order))
    assert (alarms(db), due(db, clock)) == ([], [])
    clock.advance(minutes=5)
    assert chase(db, clock, rulebook) == len(given)
    for order in given:
        assert told(db, order, 3) == sorted(f"{agency}-deputy" for agency in owners(db, order))
    assert {(alarm.params["order"], alarm.agency_id, alarm.incident_id) for alarm in alarms(db)} == {
        (str(order.id), order.agency_id, order.incident_id) for order in given
    }
    clock.advance(days=1)
    assert due(db, clock) == []
    with db.read() as session:
        kinds = [entry.kind for entry in timeline.entries(session, given[0].incident_id)]
    assert (kinds.count("order_reminded"), kinds.count("order_escalated")) == (len(given), len(given))


@pytest.mark.parametrize("seen", [OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.DECLINED])
@pytest.mark.parametrize("minutes", [1, 6, 11])
def test_whoever_answers_is_asked_no_more(
    db: Database, clock: FixedClock, rulebook: Rulebook, given: list[Order], seen: OrderState, minutes: int
) -> None:
    for _ in range(minutes):
        clock.advance(minutes=1)
        chase(db, clock, rulebook)
    before = told(db, given[0], 2)
    advance(db, clock, given[0], seen)
    for _ in range(15):
        clock.advance(minutes=1)
        chase(db, clock, rulebook)
    assert told(db, given[0], 2) == before
    assert {alarm.params["order"] for alarm in alarms(db)} == {str(order.id) for order in given[1:]}


def test_an_agency_that_left_is_passed_over(
    db: Database, clock: FixedClock, rulebook: Rulebook, given: list[Order]
) -> None:
    set_rows(db, Agency, [given[0].agency_id], active=False)
    clock.advance(minutes=5)
    assert chase(db, clock, rulebook) == len(given)
    assert not {name for name in told(db, given[0], 2) if name.startswith(given[0].agency_id)}
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert str(given[0].id) in {alarm.params["order"] for alarm in alarms(db)}


def test_a_step_that_failed_is_put_off_with_an_alarm_until_it_succeeds(
    db: Database, clock: FixedClock, rulebook: Rulebook, given: list[Order]
) -> None:
    clock.advance(minutes=5)
    number = given[0].id or 0
    with db.write() as session:
        order_chase.put_off(session, clock, number)
    assert number not in due(db, clock)
    assert len(alarms(db, "order_chase_failed")) == 1
    row: Order = rows(db, Order, col(Order.id) == number)[0]
    assert row.next_step_at == clock.now() + timedelta(minutes=5)
    clock.advance(minutes=5)
    chase(db, clock, rulebook)
    assert alarms(db, "order_chase_failed") == []
    assert told(db, given[0], 2)
