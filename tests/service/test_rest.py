"""Whoever has worked his hours rests, and is not planned before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import orders
from firewatch.dispatch.models import Order, OrderState
from firewatch.dispatch.problem import parse_problem
from firewatch.dispatch.snapshot import snapshot
from firewatch.errors import Conflict
from firewatch.incidents.models import Incident
from firewatch.resources import recovery, status
from firewatch.resources.models import Crew, ResourceKind, Vehicle, WorkSpell
from firewatch.resources.models import ResourceStatus as S
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.rulebook.resources import Resources
from tests.build import confirm, incident_of, joint_of, ordered_fire, plan_fire, prepare, report_fire, rows, set_rows
from tests.conftest import NOON
from tests.service.console import open_desk, report, said

CREW = "kangle-pro"


def crew(db: Database, name: str = CREW) -> Crew:
    found: Crew = rows(db, Crew, Crew.id == name)[0]
    return found


def advance(db: Database, clock: FixedClock, order: Order, *steps: OrderState) -> None:
    for step in steps:
        with db.write() as session:
            orders.advance(session, clock, order.id or 0, step, "officer")


def recover(db: Database, clock: FixedClock, rules: Resources) -> int:
    with db.write() as session:
        return recovery.recover(session, clock, rules)


def worked(
    db: Database, clock: FixedClock, hours: float, ended: float = 0, kind: ResourceKind = ResourceKind.CREW
) -> None:
    end = clock.now() - timedelta(hours=ended)
    name = CREW if kind is ResourceKind.CREW else "kangle-carrier-1"
    with db.write() as session:
        session.add(WorkSpell(kind=kind, resource_id=name, began_at=end - timedelta(hours=hours), ended_at=end))


@pytest.fixture
def sent(db: Database, clock: FixedClock, rulebook: Rulebook) -> Order:
    prepare(db, rulebook)
    _, given_orders = ordered_fire(db, clock, rulebook)
    return next(order for order in given_orders if order.crews)


def test_a_short_day_ends_at_home_and_a_long_one_in_bed(
    db: Database, clock: FixedClock, rulebook: Rulebook, sent: Order
) -> None:
    rules, name = rulebook.resources, sent.crews[0]
    advance(db, clock, sent, OrderState.EN_ROUTE, OrderState.ON_SCENE)
    clock.advance(hours=10)
    advance(db, clock, sent, OrderState.RELEASED)
    assert recover(db, clock, rules) == 0
    clock.advance(minutes=rules.back_after_minutes)
    assert recover(db, clock, rules) == 1 + len(sent.crews)
    assert crew(db, name).status is S.AVAILABLE
    spell = rows(db, WorkSpell, WorkSpell.resource_id == name)[0]
    assert spell.ended_at - spell.began_at == timedelta(hours=10, minutes=rules.back_after_minutes)


def test_an_outage_over_the_whole_rest_is_caught_up(
    db: Database, clock: FixedClock, rulebook: Rulebook, sent: Order
) -> None:
    rules, name = rulebook.resources, sent.crews[0]
    advance(db, clock, sent, OrderState.EN_ROUTE, OrderState.ON_SCENE)
    clock.advance(hours=15)
    advance(db, clock, sent, OrderState.RELEASED)
    clock.advance(hours=2)
    recover(db, clock, rules)
    assert crew(db, name).status is S.RESTING
    assert crew(db, name).status_at == clock.now() - timedelta(minutes=30)  # since it was due, not since it was seen
    clock.advance(hours=7, minutes=29)
    assert recover(db, clock, rules) == 0
    clock.advance(minutes=1)
    recover(db, clock, rules)
    assert (crew(db, name).status, crew(db, name).status_at) == (S.AVAILABLE, clock.now())


def test_the_service_that_was_away_for_days_finds_everybody_at_home(
    db: Database, clock: FixedClock, rulebook: Rulebook, sent: Order
) -> None:
    advance(db, clock, sent, OrderState.EN_ROUTE)
    clock.advance(hours=20)
    advance(db, clock, sent, OrderState.RELEASED)
    clock.advance(hours=48)
    recover(db, clock, rulebook.resources)
    assert {row.status for row in rows(db, Crew) if row.id in sent.crews} == {S.AVAILABLE}
    assert recover(db, clock, rulebook.resources) == 0


def test_who_must_rest_is_made_available_by_nobody(
    db: Database, clock: FixedClock, rulebook: Rulebook, sent: Order
) -> None:
    advance(db, clock, sent, OrderState.EN_ROUTE)
    clock.advance(hours=16)
    advance(db, clock, sent, OrderState.RELEASED)
    with db.write() as session, pytest.raises(Conflict, match="must rest first"):
        orders.return_to_pool(session, clock, rulebook, sent.id or 0, "officer")
    with db.write() as session, pytest.raises(Conflict, match="must rest until"):
        status.set_status(session, clock, rulebook.resources, sent.crews[0], S.AVAILABLE)
    with db.write() as session:
        status.set_status(session, clock, rulebook.resources, sent.crews[0], S.RESTING)
    clock.advance(hours=8)
    with db.write() as session:
        status.set_status(session, clock, rulebook.resources, sent.crews[0], S.AVAILABLE)
    assert crew(db, sent.crews[0]).status is S.AVAILABLE


def test_who_never_set_out_has_not_worked(db: Database, clock: FixedClock, sent: Order) -> None:
    clock.advance(hours=20)
    with db.write() as session:
        orders.advance(session, clock, sent.id or 0, OrderState.DECLINED, "officer", "the bridge is gone")
    assert rows(db, WorkSpell) == []
    assert crew(db, sent.crews[0]).status is S.AVAILABLE


def test_a_plan_made_before_is_not_confirmed_with_somebody_who_must_rest(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    plan = plan_fire(db, clock, rulebook, incident_of(report_fire(db, clock, rulebook)))
    taken = next(trip["crews"][0] for trip in plan.trips if trip["crews"])
    with db.write() as session:
        began = clock.now() - timedelta(hours=17)
        session.add(WorkSpell(kind=ResourceKind.CREW, resource_id=taken, began_at=began, ended_at=clock.now()))
    with pytest.raises(Conflict, match="must rest"):
        confirm(db, clock, rulebook, plan)


@pytest.mark.parametrize(("aboard", "free"), [(2, False), (0, True)])
def test_a_vehicle_rests_for_those_aboard(
    db: Database, clock: FixedClock, rulebook: Rulebook, aboard: int, free: bool
) -> None:
    prepare(db, rulebook)
    set_rows(db, Vehicle, ["kangle-carrier-1"], crew_aboard=aboard)
    worked(db, clock, 17, kind=ResourceKind.VEHICLE)
    plan = plan_fire(db, clock, rulebook, incident_of(report_fire(db, clock, rulebook)))
    problem = parse_problem(joint_of(db, plan).problem)
    assert ("kangle-carrier-1" in {row.id for row in problem.vehicles}) is free


@pytest.fixture(scope="module")
def one_fire(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Rulebook]]:
    file = tmp_path_factory.mktemp("rest") / "firewatch.db"
    file.write_bytes(sqlite_template.read_bytes())
    db, book = Database(f"sqlite:///{file}"), read_rulebook(default_folder())
    prepare(db, book)
    report_fire(db, FixedClock(NOON), book)
    yield db, book
    db.dispose()


@settings(max_examples=40)
@given(
    spells=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 20)), max_size=5),
    since=st.integers(0, 12),
    rules=st.tuples(st.integers(1, 24), st.integers(1, 12)),
)
def test_a_crew_over_its_hours_is_never_planned(
    one_fire: tuple[Database, Rulebook], spells: list[tuple[int, int]], since: int, rules: tuple[int, int]
) -> None:
    db, book = one_fire
    limit, rest = rules
    book = replace(book, resources=Resources(rest_after_hours=limit, rest_hours=rest))
    total, end = 0, NOON - timedelta(hours=since)  # from the newest spell back, until a whole rest: the rule, told anew
    resting, counts = since >= rest, True
    with db.read() as session:
        for off, on in spells:
            counts = counts and not resting
            total += on if counts else 0
            session.add(
                WorkSpell(kind=ResourceKind.CREW, resource_id=CREW, began_at=end - timedelta(hours=on), ended_at=end)
            )
            end -= timedelta(hours=on + off)
            resting = off >= rest
        session.flush()
        problem = snapshot(session, FixedClock(NOON), book, [session.get_one(Incident, 1)])
        session.rollback()
    assert (CREW in {row.id for row in problem.crews}) is (total < limit)


def test_the_page_of_a_plan_tells_who_must_rest(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = open_desk(db, clock, rulebook)
    worked(db, clock, 17, ended=1)
    set_rows(db, Crew, ["hezheng-pro"], status=S.OUT_OF_SERVICE)
    report(desk.person())
    desk.plan(1)
    page = said(desk.person().page("/incidents/1"))
    assert "Kangle professional crew: has worked 17 h and must rest until 19:00" in page
    assert "Hezheng professional crew: state: out of service" in page
    assert "康乐专业扑火队: 已连续作业" in said(desk.person(lang="zh").page("/incidents/1"))
