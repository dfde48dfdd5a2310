"""An office with something in every list."""

from datetime import timedelta

from sqlmodel import Session

from firewatch.bulletins import draft, record, release
from firewatch.clock import local_day
from firewatch.danger.models import ZoneGrade
from firewatch.dispatch.models import RoadClosure
from firewatch.hotspots.models import Confidence, HotspotTicket, TicketState
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging.models import Alarm, InboundMessage, Taken
from firewatch.resources.models import ResourceStatus, Vehicle
from firewatch.warnings.models import Action, Signal, WarningState, Why, ZoneWarning
from firewatch.weather.models import RawPayload
from tests.build import report_fire
from tests.service.console import Desk

NUMBER = "+447700900942"


def fill(desk: Desk) -> None:
    """Bring two or more rows into every list."""
    for place, agency in (((35.30, 103.65), "kangle"), ((35.70, 102.90), "jishishan")):
        report_fire(desk.db, desk.clock, desk.book, place=place, agency=agency)
    with desk.db.write() as session:
        _danger(session, desk)
        _ground(session, desk)
        _service(session, desk)
    with desk.db.write() as session:
        today = local_day(desk.clock.now(), desk.book.alliance.tz)
        for on in (today - timedelta(days=1), today):
            row = draft.draw_up(session, desk.clock, desk.book, on, "officer")
            release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "Officer A")


def _danger(session: Session, desk: Desk) -> None:
    now, scheme = desk.clock.now(), desk.book.danger.scheme
    today = local_day(now, desk.book.alliance.tz)
    for back, grades in enumerate(({"kangle": 4, "hezheng": 0}, {"kangle": 2})):
        for zone, grade in grades.items():
            on, value = today - timedelta(days=back), grade * 10.5 if grade else None
            session.add(
                ZoneGrade(
                    zone_id=zone, on=on, scheme=scheme, grade=grade, value=value, provisional=False, assessed_at=now
                )
            )
    for zone, state, signal in (
        ("kangle", WarningState.ISSUED, Signal.ORANGE),
        ("hezheng", WarningState.LIFTED, Signal.RED),
        ("hezheng", WarningState.SUPERSEDED, Signal.YELLOW),
    ):
        session.add(
            ZoneWarning(
                zone_id=zone,
                state=state,
                signal=signal,
                action=Action.ISSUE,
                scheme=scheme,
                grade=4,
                why=Why.GRADES,
                drafted_by="firewatch",
                drafted_at=now,
                alarm_at=now,
                approved_name="Officer A",
            )
        )


def _ground(session: Session, desk: Desk) -> None:
    now = desk.clock.now()
    line = [[35.31, 103.66], [35.32, 103.67]]
    session.add(
        RoadClosure(lat=35.3, lon=103.65, line=line, radius_m=80, reason="slide", closed_at=now, closed_by="officer")
    )
    session.add(
        RoadClosure(
            lat=35.4,
            lon=103.6,
            radius_m=200,
            reason="@snow",
            closed_at=now - timedelta(days=2),
            closed_by="officer",
            opened_at=now,
            opened_by="officer",
        )
    )
    for zones, state, frp in ((["kangle"], TicketState.OPEN, 12.5), ([], TicketState.FALSE_ALARM, None)):
        session.add(
            HotspotTicket(
                state=state,
                lat=35.3,
                lon=103.65,
                zone_ids=zones,
                first_seen_at=now,
                last_seen_at=now,
                detections=3,
                confidence=Confidence.HIGH,
                max_frp_mw=frp,
                opened_at=now,
                deadline_at=now,
                note="a kiln" if state is TicketState.FALSE_ALARM else "",
            )
        )
    vehicle = session.get_one(Vehicle, "kangle-carrier-1")
    vehicle.status, vehicle.status_at = ResourceStatus.OUT_OF_SERVICE, now


def _service(session: Session, desk: Desk) -> None:
    now = desk.clock.now()
    for number, (job, state, error) in enumerate(
        (("danger", RunState.DONE, None), ("weather:stations", RunState.FAILED, "=no answer"))
    ):
        session.add(
            JobRun(
                job=job,
                scheduled_for=now - timedelta(minutes=number),
                state=state,
                owner="x",
                started_at=now,
                lease_until=now,
                error=error,
            )
        )
    for number, agency in enumerate(("kangle", None)):
        at = now - timedelta(hours=number)
        closed = now if agency else None
        session.add(
            Alarm(
                kind="weather_gone",
                key=f"a{number}",
                raised_at=at,
                agency_id=agency,
                closed_at=closed,
                closed_by="officer",
            )
        )
        session.add(
            RawPayload(source="open_meteo", request=f"GET /v1/{number}", status=200, fetched_at=at, size=10, body=b"x")
        )
        session.add(
            InboundMessage(
                provider_id=f"p{number}",
                sender=NUMBER,
                body="你好" if agency else "1 123456",
                received_at=at,
                taken_for=Taken.ANSWER if agency else Taken.STRANGER,
                contact_id="kangle-liaison" if agency else None,
            )
        )
