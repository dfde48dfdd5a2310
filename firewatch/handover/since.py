"""What happened since an instant, read from what is stored: for the officer who comes on duty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import or_
from sqlmodel import Session, case, col, func, select

from firewatch.agencies.models import RosterChange
from firewatch.bulletins.models import Bulletin, BulletinStep
from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.danger.models import ZoneGrade
from firewatch.incidents import notes
from firewatch.incidents.lifecycle import OPEN
from firewatch.incidents.models import Incident, TimelineEntry
from firewatch.jobs.models import JobRun
from firewatch.jobs.runs import FAILURES
from firewatch.messaging.models import Alarm, Message
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.transitions import MessageState
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import WarningStep, ZoneWarning

MOVES: Final = (
    *("state_changed", "class_set", "command_accepted", "plan_confirmed", "plan_overridden", "called_off"),
    notes.NOTE,
)
"""Entries of an incident's record that tell how it stands."""
ESCALATIONS: Final = ("escalated", "order_escalated")
LOST: Final = (MessageState.DEAD, MessageState.UNDELIVERABLE)
UNTOLD: Final = ("superseded", "remarked", "redrawn", "edited")
"""Steps of warnings and bulletins that changed nothing anybody was told."""
MOST: Final = 200
"""Rows of a kind at most, the newest."""
TRIES: Final = timedelta(hours=3)
"""For so long a run is tried again: what failed meanwhile was due no longer ago than that."""


@dataclass(frozen=True)
class FailedJob:
    """A job of which runs failed: how many, when and why last, and whether any was not made good."""

    job: str
    times: int
    last_at: datetime
    error: str | None
    is_open: bool


@dataclass(frozen=True)
class GradeChange:
    """A zone whose grade differs between two days; None was never assessed."""

    zone_id: str
    before: ZoneGrade | None
    now: ZoneGrade | None


@dataclass(frozen=True)
class Happened:
    """All of it, the newest first; `moves` and `escalations` by incident are entries of its record."""

    incidents: Sequence[Incident]
    """That are new, or moved on."""
    moves: Mapping[int, Sequence[TimelineEntry]]
    escalations: Sequence[TimelineEntry]
    lost: Sequence[Message]
    alarms: Sequence[Alarm]
    warnings: Sequence[tuple[WarningStep, ZoneWarning]]
    bulletins: Sequence[tuple[BulletinStep, Bulletin]]
    grades: Sequence[GradeChange]
    grades_of: tuple[date, date]
    """The days that are compared."""
    roster: Sequence[RosterChange]
    jobs: Sequence[FailedJob]


def read(session: Session, book: Rulebook, since: datetime, now: datetime, jobs: Sequence[str]) -> Happened:
    """Read what happened from an instant until now; `jobs` are the names of the scheduled ones."""
    alive = _alive(session, since)
    entries = _entries(session, list(alive), since)
    moves: dict[int, list[TimelineEntry]] = {}
    struck = notes.struck(entries)
    for entry in entries:
        if entry.kind in MOVES and entry.id not in struck:
            moves.setdefault(entry.incident_id, []).append(entry)
    today = local_day(now, book.alliance.tz)
    # A day's grade replaces that of an hour ago: within the same day the day before is what there is to compare with.
    before = min(local_day(since, book.alliance.tz), today - timedelta(days=1))
    return Happened(
        incidents=[each for number, each in alive.items() if each.opened_at >= since or number in moves],
        moves=moves,
        escalations=[entry for entry in reversed(entries) if entry.kind in ESCALATIONS],
        lost=_lost(session, since),
        alarms=_alarms(session, since),
        warnings=_warnings(session, since),
        bulletins=_bulletins(session, since),
        grades=_grades(session, book, before, today),
        grades_of=(before, today),
        roster=list(
            session.exec(
                select(RosterChange)
                .where(col(RosterChange.at) >= since)
                .order_by(col(RosterChange.id).desc())
                .limit(MOST)
            )
        ),
        jobs=_jobs(session, since, jobs),
    )


def _alive(session: Session, since: datetime) -> dict[int, Incident]:
    """Return the incidents that burnt at some time since, the newest first, by number."""
    query = select(Incident).where(or_(col(Incident.state).in_(sorted(OPEN)), col(Incident.closed_at) >= since))
    newest = query.order_by(col(Incident.opened_at).desc(), col(Incident.id).desc()).limit(MOST)
    return {each.id or 0: each for each in session.exec(newest)}


def _entries(session: Session, incidents: Sequence[int], since: datetime) -> list[TimelineEntry]:
    query = select(TimelineEntry).where(
        col(TimelineEntry.incident_id).in_(incidents),
        col(TimelineEntry.at) >= since,
        col(TimelineEntry.kind).in_((*MOVES, *ESCALATIONS, notes.STRUCK)),
    )
    return list(session.exec(query.order_by(col(TimelineEntry.at), col(TimelineEntry.id))))


def _lost(session: Session, since: datetime) -> list[Message]:
    lost = col(Message.state).in_(LOST), col(Message.finished_at) >= since
    query = select(Message).where(*lost, to_the_alliance())
    return list(session.exec(query.order_by(col(Message.finished_at).desc(), col(Message.id).desc()).limit(MOST)))


def _alarms(session: Session, since: datetime) -> list[Alarm]:
    query = select(Alarm).where(col(Alarm.raised_at) >= since)
    return list(session.exec(query.order_by(col(Alarm.raised_at).desc(), col(Alarm.id).desc()).limit(MOST)))


def _warnings(session: Session, since: datetime) -> list[tuple[WarningStep, ZoneWarning]]:
    query = (
        select(WarningStep, ZoneWarning)
        .join(ZoneWarning, col(ZoneWarning.id) == col(WarningStep.warning_id))
        .where(col(WarningStep.at) >= since, col(WarningStep.kind).not_in(UNTOLD))
    )
    return [(step, row) for step, row in session.exec(query.order_by(col(WarningStep.id).desc()).limit(MOST))]


def _bulletins(session: Session, since: datetime) -> list[tuple[BulletinStep, Bulletin]]:
    query = (
        select(BulletinStep, Bulletin)
        .join(Bulletin, col(Bulletin.id) == col(BulletinStep.bulletin_id))
        .where(col(BulletinStep.at) >= since, col(BulletinStep.kind).not_in(UNTOLD))
    )
    return [(step, row) for step, row in session.exec(query.order_by(col(BulletinStep.id).desc()).limit(MOST))]


def _grades(session: Session, book: Rulebook, before: date, today: date) -> list[GradeChange]:
    old, new = (grades_on(session, on, book.danger.scheme) for on in (before, today))
    changes = [GradeChange(zone.id, old.get(zone.id), new.get(zone.id)) for zone in book.zones]
    return [each for each in changes if _grade(each.before) != _grade(each.now)]


def _grade(row: ZoneGrade | None) -> int:
    return row.grade if row else 0


def _jobs(session: Session, since: datetime, jobs: Sequence[str]) -> list[FailedJob]:
    """Return the jobs of which runs failed; one that went well at a further try has lost its error, not its tries."""
    is_open = case((col(JobRun.state).in_(FAILURES), 1), else_=0)
    query = (
        select(JobRun.job, func.count(), func.max(col(JobRun.id)), func.sum(is_open))
        .where(
            col(JobRun.job).in_(jobs),
            col(JobRun.scheduled_for) >= since - TRIES,
            col(JobRun.finished_at) >= since,
            or_(col(JobRun.error).is_not(None), col(JobRun.attempt) > 1),
        )
        .group_by(col(JobRun.job))
    )
    found = []
    for job, times, last_id, unmended in session.exec(query).all():
        last = session.get_one(JobRun, last_id)
        found.append(FailedJob(job, times, last.finished_at or last.started_at, last.error, bool(unmended)))
    return sorted(found, key=lambda each: (not each.is_open, each.job))
