"""What ends with a fire: texts, timers, plans, orders."""

import threading

import pytest
from sqlmodel import col, select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import ending, order_chase, orders, planning
from firewatch.dispatch.models import Order, OrderState, Plan, PlanState
from firewatch.errors import Conflict
from firewatch.incidents import notices, timeline
from firewatch.incidents.models import AgencyNotice, Incident, IncidentState
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.resources.models import Crew, ResourceStatus, Stock, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import incident, incident_of, ordered_fire, plan_fire, prepare, report_fire, rows, set_rows, texts
from tests.service.messages import RULES

AGENCIES = 7


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def change(db: Database, clock: FixedClock, book: Rulebook, number: int, new: IncidentState) -> Incident:
    with db.write() as session:
        return ending.change_state(session, clock, book, number, new, "officer")


def timers(db: Database, clock: FixedClock) -> list[list[int]]:
    """What is due a day later."""
    clock.advance(days=1)
    with db.read() as session:
        now = clock.now()
        return [
            notices.due(session, now, RULES),
            order_chase.due(session, now, RULES),
            planning.due(session, clock, Resources()),
            orders.confirm_due(session, clock),
        ]


def kinds(db: Database, number: int) -> list[str]:
    with db.read() as session:
        return [entry.kind for entry in timeline.entries(session, number)]


def test_what_nobody_was_told_yet_never_goes_out(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    plan_fire(db, clock, rulebook, number)
    ended = change(db, clock, rulebook, number, IncidentState.FALSE_ALARM)
    assert (ended.state, ended.closed_at) == (IncidentState.FALSE_ALARM, clock.now())
    assert [message.state for message in texts(db, number)] == [MessageState.SUPERSEDED] * AGENCIES
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.REPLACED]
    assert timers(db, clock) == [[], [], [], []]


SAID = [
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.HANDED_OVER,
    MessageState.DELIVERED,
    MessageState.UNDELIVERABLE,
    MessageState.DEAD,
]


def test_who_was_told_or_may_have_been_hears_that_it_was_a_false_alarm(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    sent = texts(db, number)
    for message, state in zip(sent, SAID, strict=False):
        set_rows(db, Message, [message.id or 0], state=state)
    change(db, clock, rulebook, number, IncidentState.FALSE_ALARM)
    assert [message.state for message in texts(db, number, "sms.report")] == [*SAID, MessageState.SUPERSEDED]
    called_off = texts(db, number, "sms.false_alarm")
    assert sorted(message.contact_id or "" for message in called_off) == sorted(
        message.contact_id or "" for message in sent[:6]
    )
    assert {message.state for message in called_off} == {MessageState.DUE}
    assert "误报" in called_off[0].body
    assert kinds(db, number)[-2:] == ["state_changed", "called_off"]


def test_deputies_and_heads_who_were_told_hear_it_too(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    for _ in range(2):
        clock.advance(minutes=5)
        for row in rows(db, AgencyNotice):
            with db.write() as session:
                notices.chase(session, clock, rulebook, row.id)
    said = texts(db, number)
    set_rows(db, Message, [message.id or 0 for message in said], state=MessageState.DELIVERED)
    with db.read() as session:
        assert {alarm.kind for alarm in open_alarms(session)} == {"unacknowledged"}
    change(db, clock, rulebook, number, IncidentState.FALSE_ALARM)
    called_off = texts(db, number, "sms.false_alarm")
    assert sorted(message.contact_id or "" for message in called_off) == sorted(
        {message.contact_id or "" for message in said}
    )
    with db.read() as session:
        assert open_alarms(session) == []


STATES = [OrderState.ORDERED, OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.ON_SCENE]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("said", [False, True])
def test_a_false_alarm_takes_orders_back(
    db: Database, clock: FixedClock, rulebook: Rulebook, state: OrderState, said: bool
) -> None:
    number, given = ordered_fire(db, clock, rulebook)
    for order in given:
        for step in STATES[1 : STATES.index(state) + 1]:
            with db.write() as session:
                orders.advance(session, clock, order.id or 0, step, "officer")
    if said:
        set_rows(db, Message, [row.id or 0 for row in texts(db, number)], state=MessageState.DELIVERED)
    set_rows(db, Incident, [number], state=IncidentState.VERIFIED)
    change(db, clock, rulebook, number, IncidentState.FALSE_ALARM)
    assert {order.state for order in rows(db, Order)} == {OrderState.RELEASED}
    set_out = state in {OrderState.EN_ROUTE, OrderState.ON_SCENE}
    sent = {name for order in given for name in (order.vehicle_id, *order.crews)}
    assert {row.status for table in (Crew, Vehicle) for row in rows(db, table) if row.id in sent} == {
        ResourceStatus.RELEASED if set_out else ResourceStatus.AVAILABLE
    }
    assert {row.reserved for row in rows(db, Stock)} == {0}
    ordered, back = texts(db, number, "sms.order"), texts(db, number, "sms.stand_down")
    assert {row.state for row in ordered} == {MessageState.DELIVERED if said else MessageState.SUPERSEDED}
    assert sorted((row.subject_id, row.contact_id) for row in back) == (
        sorted((row.subject_id, row.contact_id) for row in ordered) if said else []
    )
    assert timers(db, clock) == [[], [], [], []]


def test_a_fire_with_people_at_it_is_not_closed(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number, given = ordered_fire(db, clock, rulebook)
    set_rows(db, Incident, [number], state=IncidentState.ACCEPTED)
    with pytest.raises(Conflict, match=f"orders .*{given[0].id}.* are under way"):
        change(db, clock, rulebook, number, IncidentState.CLOSED)
    assert incident(db, number).state is IncidentState.ACCEPTED
    for order in given:
        with db.write() as session:
            orders.advance(session, clock, order.id or 0, OrderState.EN_ROUTE, "officer")
            orders.advance(session, clock, order.id or 0, OrderState.RELEASED, "officer")
    change(db, clock, rulebook, number, IncidentState.CLOSED)
    assert {message.state for message in texts(db, number)} == {MessageState.SUPERSEDED}
    assert texts(db, number, "sms.false_alarm") == []
    assert timers(db, clock) == [[], [], [], []]


def test_a_step_that_is_not_allowed_ends_nothing(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number, _ = ordered_fire(db, clock, rulebook)
    with pytest.raises(Conflict, match="cannot become"):
        change(db, clock, rulebook, number, IncidentState.CLOSED)
    assert {message.state for message in texts(db, number)} == {MessageState.DUE}
    assert {order.state for order in rows(db, Order)} == {OrderState.ORDERED}


@pytest.mark.timeout(60)
def test_an_acknowledgement_and_the_end_at_once_do_not_lock_each_other_out(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    ended: list[object] = []

    def end() -> None:
        try:
            ended.append(change(db, clock, rulebook, number, IncidentState.FALSE_ALARM).state)
        except Exception as error:  # noqa: BLE001 - an answer like any other
            ended.append(error)

    with db.write() as session:
        session.exec(select(AgencyNotice).with_for_update()).all()
        other = threading.Thread(target=end)
        other.start()
        other.join(timeout=1)  # it holds the incident by now and waits for the notices, or waits for its turn
        notices.acknowledge(session, clock, number, "kangle", "officer")
    other.join(timeout=30)
    assert ended == [IncidentState.FALSE_ALARM]
    assert {"acknowledged", "state_changed"} <= set(kinds(db, number))


def test_a_fire_that_goes_on_keeps_what_is_due(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = incident_of(report_fire(db, clock, rulebook))
    assert change(db, clock, rulebook, number, IncidentState.VERIFIED).state is IncidentState.VERIFIED
    assert {message.state for message in texts(db, number)} == {MessageState.DUE}
    clock.advance(minutes=5)
    with db.read() as session:
        assert len(notices.due(session, clock.now(), RULES)) == AGENCIES


@pytest.mark.parametrize("state", [OrderState.DECLINED, OrderState.RELEASED])
def test_an_order_that_is_over_is_not_sent_any_more(
    db: Database, clock: FixedClock, rulebook: Rulebook, state: OrderState
) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    order = given[0].id or 0
    steps = [OrderState.EN_ROUTE, state] if state is OrderState.RELEASED else [state]
    for step in steps:
        with db.write() as session:
            orders.advance(session, clock, order, step, "officer", "a bridge is out")
    found = rows(db, Message, col(Message.subject_kind) == SubjectKind.ORDER, col(Message.subject_id) == order)
    assert {message.state for message in found} == {MessageState.SUPERSEDED}
