"""What happened since an instant, in the reader's language: groups of lines, each with its time and its link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from firewatch.handover import since
from firewatch.handover.since import FailedJob, GradeChange, Happened
from firewatch.incidents.models import Incident, TimelineEntry
from firewatch.messaging.models import Alarm, Message
from firewatch.web.console import roster_view
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.console.told import told


@dataclass(frozen=True)
class Line:
    """One thing that happened; `under` is what else belongs to it, `bad` that it is not over."""

    text: str
    href: str
    at: datetime | None
    under: Sequence[tuple[datetime, str]] = ()
    bad: bool = False


@dataclass(frozen=True)
class Group:
    """What happened of a kind; nothing is said as well."""

    kind: str
    lines: Sequence[Line]
    note: str = ""


def build(session: Session, page: Page, start: datetime) -> list[Group]:
    """Read what happened since an instant."""
    services, speech = page.services, page.speech
    names = load_names(session, services.book, speech)
    found = since.read(session, services.book, start, speech.now, services.jobs)
    before, today = found.grades_of
    return [
        Group("incident", [_incident(speech, names, found, each, start) for each in found.incidents]),
        Group("message", _messages(speech, names, found)),
        Group("alarm", [_alarm(speech, names, each) for each in found.alarms]),
        Group("warning", _warnings(speech, names, found)),
        Group("bulletin", _bulletins(speech, names, found)),
        Group(
            "grade",
            [_grade(speech, names, services.book.danger.scheme, each) for each in found.grades],
            speech.t("since.grades_of", before=before, today=today),
        ),
        Group("roster", _roster(speech, names, found)),
        Group("job", [_job(speech, each) for each in found.jobs]),
    ]


def _incident(speech: Speech, names: Names, found: Happened, fire: Incident, start: datetime) -> Line:
    number = fire.id or 0
    place = names.zone_list(fire.zone_ids) if fire.zone_id else speech.t("incident.outside")
    text = speech.t("point.fire", number=number, place=place, state=speech.word("incident_state", fire.state))
    new = f"{speech.t('since.new')} " if fire.opened_at >= start else ""
    under = [(entry.at, _entry(speech, names, entry)) for entry in found.moves.get(number, ())]
    return Line(f"{new}{text}", f"/incidents/{number}", fire.opened_at, under, bad=fire.closed_at is None)


def _entry(speech: Speech, names: Names, entry: TimelineEntry) -> str:
    return f"{told(speech, names, 'timeline', entry.kind, entry.data)} · {names.actor(entry.actor)}"


def _messages(speech: Speech, names: Names, found: Happened) -> list[Line]:
    lost = [_lost(speech, names, each) for each in found.lost]
    escalated = [
        Line(_entry(speech, names, each), f"/incidents/{each.incident_id}#board", each.at) for each in found.escalations
    ]
    return lost + escalated


def _lost(speech: Speech, names: Names, message: Message) -> Line:
    state = speech.word("message_state", message.state)
    why = f" {speech.reason(message.error)}" if message.error else ""
    who = f"{names.contact(message.contact_id or '')} · {names.agency(message.agency_id)}"
    text = speech.t("point.pair", name=who, what=f"{state}{why}")
    href = f"/incidents/{message.incident_id}#messages" if message.incident_id else "/messages"
    return Line(text, href, message.finished_at, bad=True)


def _alarm(speech: Speech, names: Names, alarm: Alarm) -> Line:
    text = told(speech, names, "alarm", alarm.kind, alarm.params)
    href = f"/incidents/{alarm.incident_id}" if alarm.incident_id else "/#alarms"
    if alarm.closed_at is None:
        return Line(text, href, alarm.raised_at, bad=True)
    closed = speech.t("since.alarm_closed", by=names.actor(alarm.closed_by or "–"))
    return Line(text, href, alarm.raised_at, [(alarm.closed_at, closed)])


def _warnings(speech: Speech, names: Names, found: Happened) -> list[Line]:
    lines = []
    for step, row in found.warnings:
        signal = speech.word("signal", row.signal) if row.signal else speech.word("warning_action", row.action)
        what = f"{signal} · {speech.word('warning.step', step.kind)} · {step.name or names.actor(step.actor)}"
        text = speech.t("point.pair", name=names.zone(row.zone_id), what=what)
        lines.append(Line(text, "/warnings", step.at, bad=step.kind == "alarmed"))
    return lines


def _bulletins(speech: Speech, names: Names, found: Happened) -> list[Line]:
    return [
        Line(
            speech.t(
                "point.pair",
                name=f"{row.on} {speech.word('bulletin_kind', row.kind)}",
                what=f"{speech.word('bulletin_step', step.kind)} · {step.name or names.actor(step.actor)}",
            ),
            f"/bulletins/{row.on}/desk",
            step.at,
            bad=step.kind == "alarmed",
        )
        for step, row in found.bulletins
    ]


def _grade(speech: Speech, names: Names, scheme: str, change: GradeChange) -> Line:
    said = [
        f"{row.grade if row and row.grade else ''} {speech.zone_grade(scheme, row)}".strip()
        for row in (change.before, change.now)
    ]
    at = change.now.assessed_at if change.now else None
    text = speech.t("point.pair", name=names.zone(change.zone_id), what=f"{said[0]} → {said[1]}")
    return Line(text, "/#grades", at)


def _roster(speech: Speech, names: Names, found: Happened) -> list[Line]:
    return [
        Line(
            speech.t(
                "point.pair",
                name=names.agency(each.agency_id),
                what=f"{roster_view.change_said(speech, names, each)} · {names.actor(each.by)}",
            ),
            f"/roster/{each.agency_id}",
            each.at,
        )
        for each in found.roster
    ]


def _job(speech: Speech, job: FailedJob) -> Line:
    text = speech.t("since.job", job=speech.job(job.job), times=job.times, error=job.error or "–")
    return Line(
        text if job.is_open else f"{text} {speech.t('since.job_mended')}", "/#jobs", job.last_at, bad=job.is_open
    )
