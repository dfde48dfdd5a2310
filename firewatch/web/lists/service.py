"""The lists of what the service itself did and had to say: runs of jobs, alarms, raw answers of sources."""

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import defer
from sqlmodel import col

from firewatch import i18n
from firewatch.jobs.models import JobRun, RunState
from firewatch.messaging.models import Alarm
from firewatch.weather.models import RawPayload
from firewatch.web.console.told import told
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Stored, by_name, in_turn, is_number, named

ALARM = "alarm."


def runs(reader: Reader) -> Listing[JobRun]:
    """Return the list of the runs of all jobs; those that went well are forgotten after some days."""
    at, speech = JobRun, reader.speech
    states = reader.words("run_state", RunState)
    jobs = {name: speech.job(name) for name in reader.services.jobs}
    return Listing(
        name="jobs",
        title="lists.jobs",
        what="lists.jobs.what",
        first="-planned",
        states=states,
        dated="planned",
        source=Stored(
            reader.session,
            JobRun,
            col(at.id),
            has=lambda word: or_(
                col(at.job).in_([*named(jobs, word), word]),
                col(at.state).in_(named(states, word)),
                col(at.error).icontains(word, autoescape=True),
            ),
            state=lambda state: col(at.state) == state,
            at=col(at.scheduled_for),
            zone=speech.zone,
        ),
        columns=[
            Column("job", "jobs.job", lambda row: speech.job(row.job), order=by_name(at.job, jobs)),
            Column("planned", "lists.planned_for", lambda row: row.scheduled_for, Kind.TIME, col(at.scheduled_for)),
            Column(
                "state", "jobs.state", lambda row: states[row.state], order=in_turn(at.state, RunState), css="state"
            ),
            Column("attempt", "lists.attempt", lambda row: row.attempt, Kind.NUMBER, col(at.attempt)),
            Column("started", "lists.started", lambda row: row.started_at, Kind.TIME, col(at.started_at)),
            Column("finished", "lists.finished", lambda row: row.finished_at, Kind.TIME, col(at.finished_at)),
            Column("result", "jobs.result", lambda row: speech.job_result(row.result) if row.result else None),
            Column("error", "lists.error", lambda row: row.error, css="body"),
        ],
    )


def alarms(reader: Reader) -> Listing[Alarm]:
    """Return the list of the alarms, open or not."""
    at, speech, names = Alarm, reader.speech, reader.names
    return Listing(
        name="alarms",
        title="lists.alarms",
        what="lists.alarms.what",
        first="-raised",
        link=lambda row: f"/incidents/{row.incident_id}" if row.incident_id else "",
        states={"open": speech.t("lists.open"), "closed": speech.t("lists.seen_to")},
        dated="raised",
        source=Stored(
            reader.session,
            Alarm,
            col(at.id),
            has=lambda word: _alarm_has(reader, word),
            state=lambda state: col(at.closed_at).is_(None) if state == "open" else col(at.closed_at).is_not(None),
            at=col(at.raised_at),
            zone=speech.zone,
        ),
        columns=[
            Column("raised", "lists.raised", lambda row: row.raised_at, Kind.TIME, col(at.raised_at)),
            Column("text", "lists.alarm", lambda row: told(speech, names, "alarm", row.kind, row.params), css="body"),
            Column("times", "lists.times", lambda row: row.times, Kind.NUMBER, col(at.times)),
            Column("incident", "lists.incident", lambda row: row.incident_id, Kind.NUMBER, col(at.incident_id)),
            Column("agency", "lists.agency", lambda row: names.agency(row.agency_id) if row.agency_id else None),
            Column("closed", "lists.closed", lambda row: row.closed_at, Kind.TIME, col(at.closed_at)),
            Column("closed_by", "lists.by", lambda row: names.actor(row.closed_by) if row.closed_by else None),
        ],
    )


def _alarm_has(reader: Reader, word: str) -> ColumnElement[bool]:
    catalogue = i18n.catalogue(reader.speech.lang)
    kinds = {key.removeprefix(ALARM): text for key, text in catalogue.items() if key.startswith(ALARM)}
    return or_(
        *is_number(Alarm.incident_id, word),
        col(Alarm.kind).in_(named(kinds, word)),
        col(Alarm.agency_id).in_(named(reader.agencies, word)),
    )


def answers(reader: Reader) -> Listing[RawPayload]:
    """Return the list of the raw answers of the weather's sources, as long as they are kept."""
    at = RawPayload
    return Listing(
        name="answers",
        title="sources.raw",
        what="lists.answers.what",
        first="-asked",
        link=lambda row: f"/sources/raw/{row.id}",
        dated="asked",
        source=Stored(
            reader.session,
            RawPayload,
            col(at.id),
            has=lambda word: or_(
                col(at.source).icontains(word, autoescape=True), col(at.request).icontains(word, autoescape=True)
            ),
            at=col(at.fetched_at),
            zone=reader.speech.zone,
            options=[defer(RawPayload.body, raiseload=True)],  # type: ignore[arg-type]  # a mapped column
        ),
        columns=[
            Column("number", "lists.number", lambda row: row.id, Kind.NUMBER, col(at.id)),
            Column("asked", "sources.asked", lambda row: row.fetched_at, Kind.TIME, col(at.fetched_at)),
            Column("source", "sources.source", lambda row: row.source, order=col(at.source)),
            Column("status", "sources.status", lambda row: row.status, Kind.NUMBER, col(at.status)),
            Column("bytes", "lists.bytes", lambda row: row.size, Kind.NUMBER, col(at.size)),
            Column("request", "sources.request", lambda row: row.request, css="body"),
        ],
    )
