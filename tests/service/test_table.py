from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session

from firewatch.adapters.console_sms import ConsoleSms
from firewatch.clock import Clock, FixedClock
from firewatch.danger import assess
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.dispatch import planning
from firewatch.dispatch import snapshot as snapshots
from firewatch.dispatch.models import Order, Plan, PlanState
from firewatch.dispatch.problem import Problem
from firewatch.dispatch.travel import Travel
from firewatch.errors import BadInput
from firewatch.incidents import notices, progress
from firewatch.incidents.models import AgencyNotice, Incident, IncidentState
from firewatch.jobs.danger import KEEP_FORECASTS
from firewatch.jobs.desk import Desk
from firewatch.jobs.table import jobs, sweeps
from firewatch.messaging.alarms import open_alarms
from firewatch.messaging.line import open_line
from firewatch.messaging.models import Message, MessageState
from firewatch.resources.models import ResourceStatus, Vehicle
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import Point, Reading, WeatherFeed
from firewatch.weather.models import Observation, ValueKind
from tests.build import (
    JISHISHAN,
    incident,
    incident_of,
    ordered_fire,
    prepare,
    report_fire,
    rows,
    set_rows,
    texts,
    with_dispatch,
)

HOUR = timedelta(hours=1)


class Station(WeatherFeed):
    """A feed that knows the last three days and, if asked to, the hours ahead."""

    def __init__(self) -> None:
        self.id, self.kind, self.note = "station", "stations", "made up for a test"

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        del since
        hour = now.replace(minute=0)
        # Never twice the same, nor the same at every point: a reading that does not move is doubted.
        return [
            Reading(
                point.id,
                ValueKind.OBSERVED,
                hour - n * HOUR,
                hour - n * HOUR,
                "m",
                15.0 + n % 7 + place / 10,
                30.0 + n % 5 + place,
                10.0 + n % 3 + place / 10,
                rain_mm=0.0,
            )
            for place, point in enumerate(points)
            for n in range(72)
        ]


@pytest.fixture
def desks(db: Database, clock: FixedClock) -> Iterator[list[Desk]]:
    """Desks that were made, to be closed."""
    del db, clock
    made: list[Desk] = []
    yield made
    for desk in made:
        for line in desk.lines:
            line.sender.close()


def desk_with(desks: list[Desk], db: Database, clock: FixedClock, book: Rulebook) -> Desk:
    prepare(db, book)
    line = open_line(db, ConsoleSms(), clock, book.messages, owner="me", workers=2)
    desks.append(Desk(db, clock, book, [Station()], [line]))
    return desks[-1]


def sweep(desk: Desk, name: str) -> int:
    return next(one for one in sweeps(desk) if one.name == name).run()


def job(desk: Desk, name: str) -> dict[str, str]:
    return dict(next(one for one in jobs(desk) if one.name == name).run(desk.clock.now()))


def graded(db: Database, on: date) -> set[int]:
    with db.read() as session:
        return {row.grade for row in assess.grades_on(session, on, "lyt1172").values()}


def test_every_job_has_its_own_name(desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    names = [one.name for one in jobs(desk)] + [one.name for one in sweeps(desk)]
    assert len(names) == len(set(names))
    assert {"weather:station", "danger", "tidy", "plan", "send", "chase"} <= set(names)


def test_new_weather_is_graded_with_it_or_not_stored(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at += 6 * HOUR
    desk = desk_with(desks, db, clock, rulebook)

    def stumbles(*_: object) -> None:
        raise RuntimeError("the machine stumbles")

    monkeypatch.setattr(assess, "refresh", stumbles)
    with pytest.raises(RuntimeError):
        job(desk, "weather:station")
    assert rows(db, Observation) == []
    monkeypatch.undo()
    assert int(job(desk, "weather:station")["new"]) == 72 * len(rulebook.points)
    assert 0 not in graded(db, clock.now().date())
    before = [row.assessed_at for row in rows(db, ZoneGrade)]
    assert int(job(desk, "weather:station")["new"]) == 0
    assert [row.assessed_at for row in rows(db, ZoneGrade)] == before


def test_the_day_is_graded_even_without_weather(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    job(desk, "danger")
    assert graded(db, clock.now().date()) == {0}


def test_tidying_forgets_what_nobody_looks_at_again(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    with db.write() as session:
        for valid_at in (clock.now() - KEEP_FORECASTS - HOUR, clock.now() - KEEP_FORECASTS + HOUR):
            session.add(
                Observation(
                    source="feed",
                    model="m",
                    point_id="kangle",
                    kind=ValueKind.FORECAST,
                    valid_at=valid_at,
                    issued_at=valid_at - HOUR,
                    fetched_at=valid_at - HOUR,
                )
            )
    assert job(desk, "tidy")["forecasts"] == "1"
    assert [row.valid_at for row in rows(db, Observation)] == [clock.now() - KEEP_FORECASTS + HOUR]


def test_a_report_is_planned_and_sent_by_the_next_sweeps(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    report_fire(db, clock, rulebook)
    assert sweep(desk, "plan") == 1
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.PROPOSED]
    assert sweep(desk, "plan") == 0
    assert desk.lines[0].sender.send_due() == 7
    assert {message.state for message in rows(db, Message)} == {MessageState.DELIVERED}
    clock.advance(minutes=60)
    sweep(desk, "plan")
    assert rows(db, Order) == []  # only the duty officer confirms


def test_one_fires_trouble_stops_no_other_plan(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    first, second = (incident_of(report_fire(db, clock, rulebook, place=p)) for p in ((35.30, 103.65), JISHISHAN))
    snapshot = snapshots.snapshot

    def troubled(
        session: Session, clock: Clock, book: Rulebook, fires: Sequence[Incident], travel: Travel | None = None
    ) -> Problem:
        if first in {fire.id for fire in fires}:
            raise BadInput("no card for this fire")
        return snapshot(session, clock, book, fires, travel)

    monkeypatch.setattr(planning, "snapshot", troubled)
    with pytest.raises(BadInput, match="no card"):
        sweep(desk, "plan")
    assert [plan.incident_id for plan in rows(db, Plan)] == [second]
    monkeypatch.undo()
    assert sweep(desk, "plan") == 1
    assert [plan.incident_id for plan in rows(db, Plan)] == [second, first]


def test_one_agencys_trouble_stops_nobody_elses_reminder(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(desks, db, clock, rulebook)
    fire, given = ordered_fire(db, clock, rulebook)
    real = notices.chase
    first = rows(db, AgencyNotice)[0]

    def troubled(session: Session, clock: FixedClock, book: Rulebook, number: int) -> bool:
        done = real(session, clock, book, number)
        if number == first.id:
            raise BadInput("a text that cannot be written")
        return done

    monkeypatch.setattr(notices, "chase", troubled)
    clock.advance(minutes=5)
    assert sweep(desk, "escalate") == 7 + len(given)
    reminded = {message.agency_id for message in texts(db, fire, "sms.reminder")}
    assert (len(reminded), first.agency_id in reminded) == (6, False)
    assert {message.step for message in texts(db, fire, "sms.order")} == {1, 2}
    with db.read() as session:
        assert [(alarm.kind, alarm.agency_id) for alarm in open_alarms(session)] == [
            ("notice_chase_failed", first.agency_id)
        ]
    assert sweep(desk, "escalate") == 0
    monkeypatch.undo()
    clock.advance(minutes=5)
    sweep(desk, "escalate")
    assert first.agency_id in {message.agency_id for message in texts(db, fire, "sms.reminder")}


def test_the_rule_confirms_at_once(desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = desk_with(desks, db, clock, with_dispatch(rulebook, confirm="at_once"))
    number = incident_of(report_fire(db, clock, rulebook))
    sweep(desk, "plan")
    sweep(desk, "plan")
    assert len(rows(db, Order)) > 0
    assert incident(db, number).state is IncidentState.RESPONDING
    assert rows(db, Plan)[0].confirmed_by == "firewatch"


def test_the_rule_waits_its_minutes(desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = desk_with(desks, db, clock, with_dispatch(rulebook, confirm="after_minutes"))
    report_fire(db, clock, rulebook)
    sweep(desk, "plan")
    clock.advance(minutes=9, seconds=59)
    sweep(desk, "plan")
    assert rows(db, Order) == []
    clock.advance(seconds=1)
    sweep(desk, "plan")
    assert len(rows(db, Order)) > 0


def test_a_plan_the_rule_cannot_confirm_is_made_anew(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = desk_with(desks, db, clock, with_dispatch(rulebook, confirm="after_minutes"))
    report_fire(db, clock, rulebook)
    sweep(desk, "plan")
    set_rows(db, Vehicle, [rows(db, Plan)[0].trips[0]["vehicle"]], status=ResourceStatus.OUT_OF_SERVICE)
    clock.advance(minutes=10)
    sweep(desk, "plan")
    assert rows(db, Order) == []
    sweep(desk, "plan")
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.REPLACED, PlanState.PROPOSED]


def test_a_proposal_for_a_fire_that_is_over_is_dropped_for_good(
    desks: list[Desk], db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    desk = desk_with(desks, db, clock, with_dispatch(rulebook, confirm="after_minutes"))
    number = incident_of(report_fire(db, clock, rulebook))
    sweep(desk, "plan")
    with db.write() as session:
        progress.change_state(session, clock, number, IncidentState.FALSE_ALARM, "officer")
    clock.advance(minutes=10)
    assert [sweep(desk, "plan"), sweep(desk, "plan")] == [1, 0]
    assert [plan.state for plan in rows(db, Plan)] == [PlanState.REPLACED]
