"""A fire is reported: one transaction writes the report, its incident, the organiser and a message to every agency."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from firewatch.agencies.models import Agency
from firewatch.clock import Clock, local_day
from firewatch.danger.assess import grades_on
from firewatch.danger.models import ZoneGrade
from firewatch.db import in_turn
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import command, lifecycle, matching, progress
from firewatch.incidents.models import FireReport, Incident, ReportChannel
from firewatch.incidents.notices import tell_everyone
from firewatch.incidents.timeline import SYSTEM, record
from firewatch.messaging.alarms import raise_alarm
from firewatch.rulebook.alliance import Degrees, Zone
from firewatch.rulebook.read import Rulebook

AHEAD = timedelta(minutes=5)
"""How far a reporter's clock may run ahead of ours."""
BEHIND = timedelta(days=366)
"""How far back a report may be entered: what is older is a slip of the pen."""

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")


def rfc_3339(value: object) -> object:
    """Let only what looks like an instant through: left alone, pydantic reads numbers as seconds since 1970."""
    if value is None or isinstance(value, datetime) or (isinstance(value, str) and RFC_3339.fullmatch(value)):
        return value
    raise ValueError("needs to be an RFC 3339 date and time with its offset, for example 2026-03-01T12:00:00+08:00")


class NewReport(BaseModel):
    """What a reporter tells us."""

    model_config = ConfigDict(extra="forbid")

    lat: Annotated[Degrees, Field(ge=-90, le=90, description="Latitude, WGS84 degrees")]
    lon: Annotated[Degrees, Field(ge=-180, le=180, description="Longitude, WGS84 degrees")]
    description: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    channel: ReportChannel
    agency: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = Field(
        description="Id of the agency that found the fire; null: the duty agency organises"
    )
    reported_at: Annotated[AwareDatetime | None, BeforeValidator(rfc_3339)] = Field(
        None, description="RFC 3339, within the last year; default: now"
    )


@dataclass(frozen=True)
class Answer:
    """What the reporter says it is: one of the known fires, or another one (None)."""

    incident_id: int | None


@dataclass(frozen=True)
class Intake:
    """What became of a report."""

    report: FireReport
    incident: Incident
    opened: bool
    """Whether it opened the incident, rather than joining one that was known."""
    repeated: bool
    """Whether it had been sent before under the same key."""


def report_fire(
    session: Session,
    clock: Clock,
    book: Rulebook,
    report: NewReport,
    by: str,
    key: str | None = None,
    answer: Answer | None = None,
) -> Intake:
    """Take a report in; without an answer, the rule of distance and time says whether its fire is known.

    Raises BadInput, and Conflict when the caller used `key` for another report or the fire of the answer is over.
    """
    in_turn(session, "fire reports")  # a thousand reports of one fire make one incident
    known = _repeated(session, report, by, key)
    if known is not None:
        return known
    now = clock.now()
    reported_at = _checked(session, report, now)
    joined = _answered(session, answer) if answer else _joined(session, book, report, reported_at)
    incident = joined or _open(session, clock, book, report.lat, report.lon, report.agency)
    row = FireReport(
        incident_id=progress.number_of(incident),
        lat=report.lat,
        lon=report.lon,
        description=report.description.strip(),
        channel=report.channel,
        agency_id=report.agency,
        reported_at=reported_at,
        received_at=now,
        received_by=by,
        idempotency_key=key,
        request_digest=_digest(report) if key is not None else None,
    )
    session.add(row)
    session.flush()
    record(session, row.incident_id, now, "reported", by, report=str(row.id), channel=row.channel)
    if joined is None:
        tell_everyone(session, clock, book, incident)
    session.flush()
    return Intake(row, incident, opened=joined is None, repeated=False)


def detach(session: Session, clock: Clock, book: Rulebook, report_id: int, by: str) -> Incident:
    """Take a report out of its incident: it is another fire, and every agency is told of it.

    When it was the report that opened the incident, what is left burns where the oldest remaining report says.
    Raises NotFound, and Conflict when it is the incident's only report.
    """
    in_turn(session, "fire reports")
    row = session.get(FireReport, report_id)
    if row is None:
        raise NotFound(f"there is no fire report {report_id}")
    first, *others = reports(session, row.incident_id)
    if not others:
        raise Conflict("the incident has no other report: there is nothing to detach it from")
    old = row.incident_id
    incident = _open(session, clock, book, row.lat, row.lon, row.agency_id)
    row.incident_id = progress.number_of(incident)
    now = clock.now()
    record(session, old, now, "report_detached", by, report=str(row.id), incident=str(incident.id))
    record(session, row.incident_id, now, "opened_from", by, report=str(row.id), incident=str(old))
    if first.id == row.id:
        _place_again(session, clock, book, old, others[0])
    tell_everyone(session, clock, book, incident)
    session.flush()
    return incident


def reports(session: Session, incident_id: int) -> list[FireReport]:
    """Return an incident's reports, the oldest first."""
    query = select(FireReport).where(FireReport.incident_id == incident_id).order_by(col(FireReport.id))
    return list(session.exec(query))


def by_the_rule(session: Session, book: Rulebook, lat: float, lon: float, at: datetime) -> int | None:
    """Return the incident that a report without an answer would join; None: it would open one."""
    return next((known.incident_id for known in _near(session, book, lat, lon, at)), None)


def taken(session: Session, by: str, key: str) -> FireReport | None:
    """Return the report that this caller has sent under a key; another caller's key is another key."""
    return session.exec(
        select(FireReport).where(FireReport.received_by == by, FireReport.idempotency_key == key)
    ).first()


def _repeated(session: Session, report: NewReport, by: str, key: str | None) -> Intake | None:
    row = taken(session, by, key) if key is not None else None
    if row is None:
        return None
    if row.request_digest != _digest(report):
        raise Conflict("this Idempotency-Key was used for another report")
    incident = session.get_one(Incident, row.incident_id)
    # The same answer as the first time: the report that opened an incident is its first.
    return Intake(row, incident, opened=reports(session, row.incident_id)[0].id == row.id, repeated=True)


def _checked(session: Session, report: NewReport, now: datetime) -> datetime:
    """Check what only the database and the clock can tell; return when the fire was reported."""
    if report.agency is not None:
        agency = session.get(Agency, report.agency)
        if agency is None or not agency.active:
            raise BadInput(f"agency: {report.agency} is not a member of the alliance")
    reported_at = report.reported_at or now
    if reported_at > now + AHEAD:
        raise BadInput("reported_at: lies in the future")
    if reported_at < now - BEHIND:
        raise BadInput("reported_at: lies too far back, more than a year")
    return reported_at


def _digest(report: NewReport) -> str:
    return hashlib.sha256(report.model_dump_json().encode()).hexdigest()


def _answered(session: Session, answer: Answer) -> Incident | None:
    if answer.incident_id is None:
        return None
    incident = progress.hold(session, answer.incident_id)
    if incident.state in lifecycle.ENDED:
        raise Conflict(f"incident {incident.id} is over: report a new fire")
    return incident


def _joined(session: Session, book: Rulebook, report: NewReport, at: datetime) -> Incident | None:
    """Return the incident a report belongs to, held until the report is in it; None when it is a new fire."""
    for known in _near(session, book, report.lat, report.lon, at):
        incident = progress.hold(session, known.incident_id)
        if incident.state in lifecycle.BURNING:  # nobody has called it off in this moment
            return incident
    return None


def _near(session: Session, book: Rulebook, lat: float, lon: float, at: datetime) -> list[matching.Near]:
    rules = book.dispatch
    return matching.near(lat, lon, at, burning(session), rules.same_fire_km, rules.same_fire_minutes)


def burning(session: Session) -> list[matching.Sighting]:
    """Return where and when the fires that burn were first seen: later reports do not widen what a fire draws in."""
    first = select(func.min(FireReport.id)).group_by(col(FireReport.incident_id))
    query = (
        select(Incident, FireReport.reported_at)
        .join(FireReport, col(Incident.id) == col(FireReport.incident_id))
        .where(col(Incident.state).in_(sorted(lifecycle.BURNING)), col(FireReport.id).in_(first))
    )
    # A report may be entered long after the fire was seen: either time will do.
    return [
        matching.Sighting(progress.number_of(fire), fire.lat, fire.lon, seen_at)
        for fire, reported_at in session.exec(query)
        for seen_at in (fire.opened_at, reported_at)
    ]


def _open(session: Session, clock: Clock, book: Rulebook, lat: float, lon: float, finder: str | None) -> Incident:
    """Open an incident where a report says it burns: its finder organises the first attack."""
    now = clock.now()
    incident = Incident(opened_at=now, plan_due_at=now, **_circumstances(session, book, now, lat, lon, finder))
    session.add(incident)
    session.flush()
    record(session, progress.number_of(incident), now, "opened", SYSTEM, **_placed(incident))
    record(session, progress.number_of(incident), now, "organiser", SYSTEM, agency=incident.organiser_agency_id)
    command.begin(session, now, incident)
    return incident


def _place_again(session: Session, clock: Clock, book: Rulebook, incident_id: int, report: FireReport) -> None:
    """Put an incident where its oldest report says it burns; who goes there is planned anew."""
    now = clock.now()
    incident = progress.hold(session, incident_id)
    found = _circumstances(session, book, now, report.lat, report.lon, report.agency_id)
    for name, value in found.items():
        setattr(incident, name, value)
    if incident.state not in lifecycle.ENDED:
        incident.plan_due_at = now
        # The texts of this fire named the other place.
        raise_alarm(
            session, now, "placed_again", f"placed_again:{incident_id}", {"incident": str(incident_id)}, incident_id
        )
    record(session, incident_id, now, "placed_again", SYSTEM, report=str(report.id), **_placed(incident))
    record(session, incident_id, now, "organiser", SYSTEM, agency=incident.organiser_agency_id)
    command.follow_finder(session, now, incident)


def _placed(incident: Incident) -> dict[str, str]:
    """Return what the record says of where a fire burns: its zone, and those it lies in besides."""
    also = {"also": ";".join(incident.also_zone_ids)} if incident.also_zone_ids else {}
    return {"zone": incident.zone_id or "", **also}


def _circumstances(
    session: Session, book: Rulebook, now: datetime, lat: float, lon: float, finder: str | None
) -> dict[str, Any]:
    """Return what follows from where a fire was reported and by whom, by column of the incident."""
    zones = matching.zones_at(lat, lon, book.zones)
    worst = _worst(session, book, zones, now)
    return {
        "lat": lat,
        "lon": lon,
        "zone_id": zones[0].id if zones else None,
        "also_zone_ids": [zone.id for zone in zones[1:]],
        "danger_grade": worst.grade if worst else None,
        "danger_zone_id": worst.zone_id if worst else None,
        "organiser_agency_id": finder or book.alliance.duty_agency,
        "warnings": list(_warnings(zones, worst)),
    }


def _worst(session: Session, book: Rulebook, zones: Sequence[Zone], now: datetime) -> ZoneGrade | None:
    """Return today's worst grade of some zones, of the first of equals; None if none of them has one."""
    if not zones:
        return None
    today = grades_on(session, local_day(now, book.alliance.tz), book.danger.scheme)
    known = [today[zone.id] for zone in zones if zone.id in today and today[zone.id].grade]
    return max(known, key=lambda row: row.grade, default=None)


def _warnings(zones: Sequence[Zone], worst: ZoneGrade | None) -> Sequence[str]:
    if not zones:
        return ("outside_region",)
    return () if worst else ("no_danger_data",)
