"""The list of all fires, those that are over too."""

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import col, select

from firewatch.incidents.models import FireClass, FireReport, Incident, IncidentState
from firewatch.messaging.models import Message
from firewatch.web.lists import map_files
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Stored, by_grade, by_name, in_turn, is_number, named


def listing(reader: Reader) -> Listing[Incident]:
    """Return the list."""
    speech = reader.speech
    states = reader.words("incident_state", IncidentState)
    return Listing(
        name="incidents",
        title="lists.incidents",
        what="lists.incidents.what",
        first="-opened",
        link=lambda row: f"/incidents/{row.id}",
        label=lambda row: f"{speech.t('incident.number', number=row.id)} {reader.zones_of(row.zone_ids)}",
        place=lambda row: map_files.point(row.lat, row.lon),
        states=states,
        dated="opened",
        source=Stored(
            reader.session,
            Incident,
            col(Incident.id),
            has=lambda word: _has(reader, states, word),
            state=lambda state: col(Incident.state) == state,
            at=col(Incident.opened_at),
            zone=speech.zone,
        ),
        columns=_columns(reader, states),
    )


def _columns(reader: Reader, states: dict[str, str]) -> list[Column[Incident]]:
    speech, names, scheme = reader.speech, reader.names, reader.services.book.danger.scheme
    return [
        Column("number", "lists.number", lambda row: row.id, Kind.NUMBER, col(Incident.id)),
        Column(
            "state",
            "lists.state",
            lambda row: states[row.state],
            order=in_turn(Incident.state, IncidentState),
            css="state",
        ),
        Column(
            "zone",
            "grades.zone",
            lambda row: reader.zones_of(row.zone_ids),
            order=by_name(Incident.zone_id, names.zones),
        ),
        Column("lat", "lists.lat", lambda row: row.lat, Kind.NUMBER, col(Incident.lat), decimals=4),
        Column("lon", "lists.lon", lambda row: row.lon, Kind.NUMBER, col(Incident.lon), decimals=4),
        Column(
            "class",
            "lists.fire_class",
            lambda row: speech.word("fire_class", row.fire_class),
            order=in_turn(Incident.fire_class, FireClass),
        ),
        Column(
            "grade",
            "grades.grade",
            lambda row: row.danger_grade or None,
            Kind.NUMBER,
            by_grade(Incident.danger_grade),
            shown=lambda row: reader.grade(scheme, row.danger_grade),
            css=lambda row: f"grade g{row.danger_grade or 0}",
        ),
        Column(
            "organiser",
            "lists.organiser",
            lambda row: names.agency(row.organiser_agency_id),
            order=by_name(Incident.organiser_agency_id, names.agencies),
        ),
        Column("opened", "lists.opened", lambda row: row.opened_at, Kind.TIME, col(Incident.opened_at)),
        Column("closed", "lists.closed", lambda row: row.closed_at, Kind.TIME, col(Incident.closed_at)),
    ]


def _has(reader: Reader, states: dict[str, str], word: str) -> ColumnElement[bool]:
    """Whether a word is in a fire's number, zones, state or organiser, in a report of it, or the code of a text."""
    zones = named(reader.zones, word)
    also = cast(col(Incident.also_zone_ids), String)
    said = select(FireReport.incident_id).where(col(FireReport.description).icontains(word, autoescape=True))
    coded = select(Message.incident_id).where(Message.code == word)
    return or_(
        *is_number(Incident.id, word),
        col(Incident.zone_id).in_(zones),
        *(also.contains(f'"{zone}"') for zone in zones),
        col(Incident.state).in_(named(states, word)),
        col(Incident.organiser_agency_id).in_(named(reader.agencies, word)),
        col(Incident.id).in_(said),
        col(Incident.id).in_(coded),
    )
