"""The lists of zones with their danger, of roads that are or were closed, and of hot spots."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import col

from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.danger.models import ZoneGrade
from firewatch.dispatch.models import RoadClosure
from firewatch.hotspots.models import Confidence, HotspotTicket, TicketState
from firewatch.rulebook.alliance import Zone
from firewatch.warnings import record
from firewatch.web.lists import map_files
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Held, Stored, in_turn, is_number, named

COLOURS: Final = ("#d5dae0", "#7cc48a", "#2f6fd0", "#ffe600", "#ff9a1f", "#a3001b")
"""Of the grades, from no data on; as the console's map has them."""


@dataclass(frozen=True)
class Ground:
    """A zone with its grade of today and the signal in force."""

    zone: Zone
    grade: ZoneGrade | None
    signal: str | None

    @property
    def number(self) -> int | None:
        """The grade; None is no data."""
        return (self.grade.grade or None) if self.grade else None


def zones(reader: Reader) -> Listing[Ground]:
    """Return the list of the zones as they are today."""
    speech, book = reader.speech, reader.services.book
    scheme, today = book.danger.scheme, local_day(speech.now, speech.zone)
    grades, in_force = grades_on(reader.session, today, scheme), record.in_force(reader.session)
    rows = [
        Ground(zone, grades.get(zone.id), row.signal if (row := in_force.get(zone.id)) else None) for zone in book.zones
    ]
    return Listing(
        name="zones",
        title="lists.zones",
        what="lists.zones.what",
        first="-grade",
        link=lambda each: f"/lists/grades?q={each.zone.id}",
        label=lambda each: f"{speech.named(each.zone)} {speech.zone_grade(scheme, each.grade)}",
        place=lambda each: map_files.area(each.zone.polygons),
        colour=lambda each: COLOURS[each.number or 0],
        source=Held(
            rows,
            also=lambda each: " ".join(
                [reader.zones[each.zone.id], each.zone.id, *(point.id for point in each.zone.points)]
            ),
        ),
        columns=[
            Column("zone", "grades.zone", lambda each: speech.named(each.zone)),
            Column("agency", "lists.agency", lambda each: reader.names.agency(each.zone.agency)),
            Column(
                "grade",
                "grades.grade",
                lambda each: each.number,
                Kind.NUMBER,
                shown=lambda each: reader.zone_grade(scheme, each.grade),
                css=lambda each: f"grade g{each.number or 0}",
            ),
            Column(
                "value", "lists.value", lambda each: each.grade.value if each.grade else None, Kind.NUMBER, decimals=1
            ),
            Column(
                "signal",
                "warnings.signal",
                lambda each: speech.word("signal", each.signal) if each.signal else None,
            ),
            Column(
                "assessed", "grades.assessed", lambda each: each.grade.assessed_at if each.grade else None, Kind.TIME
            ),
        ],
    )


def closures(reader: Reader) -> Listing[RoadClosure]:
    """Return the list of the closures of roads, those that were ended too."""
    speech, names = reader.speech, reader.names
    return Listing(
        name="closures",
        title="lists.closures",
        what="lists.closures.what",
        first="-closed",
        link=lambda row: "/roads",  # noqa: ARG005 - they have one page together
        label=lambda row: f"{speech.t('roads.number', number=row.id)} {row.reason}",
        place=lambda row: map_files.line(row.places),
        states={"closed": speech.t("lists.closed_now"), "opened": speech.t("roads.ended")},
        dated="closed",
        source=Stored(
            reader.session,
            RoadClosure,
            col(RoadClosure.id),
            has=lambda word: or_(
                *is_number(RoadClosure.id, word), col(RoadClosure.reason).icontains(word, autoescape=True)
            ),
            state=lambda state: (
                col(RoadClosure.opened_at).is_(None) if state == "closed" else col(RoadClosure.opened_at).is_not(None)
            ),
            at=col(RoadClosure.closed_at),
            zone=speech.zone,
        ),
        columns=[
            Column("number", "lists.number", lambda row: row.id, Kind.NUMBER, col(RoadClosure.id)),
            Column("reason", "warnings.reason", lambda row: row.reason, order=col(RoadClosure.reason), css="body"),
            Column("lat", "lists.lat", lambda row: row.lat, Kind.NUMBER, col(RoadClosure.lat), decimals=4),
            Column("lon", "lists.lon", lambda row: row.lon, Kind.NUMBER, col(RoadClosure.lon), decimals=4),
            Column("radius_m", "lists.radius_m", lambda row: row.radius_m, Kind.NUMBER, col(RoadClosure.radius_m)),
            Column("closed", "lists.closed_at", lambda row: row.closed_at, Kind.TIME, col(RoadClosure.closed_at)),
            Column("closed_by", "lists.closed_by", lambda row: names.actor(row.closed_by)),
            Column("opened", "lists.opened_at", lambda row: row.opened_at, Kind.TIME, col(RoadClosure.opened_at)),
            Column("opened_by", "lists.opened_by", lambda row: names.actor(row.opened_by) if row.opened_by else None),
        ],
    )


def hotspots(reader: Reader) -> Listing[HotspotTicket]:
    """Return the list of the hot spots, answered or not."""
    speech, names = reader.speech, reader.names
    states = reader.words("hotspot_state", TicketState)
    return Listing(
        name="hotspots",
        title="lists.hotspots",
        what="lists.hotspots.what",
        first="-asked",
        link=lambda row: f"/hotspots#{'hotspot' if row.state is TicketState.OPEN else 'answered'}-{row.id}",
        label=lambda row: f"{speech.t('hotspots.number', number=row.id)} {names.zone_list(row.zone_ids)}",
        place=lambda row: map_files.point(row.lat, row.lon),
        states=states,
        dated="asked",
        source=Stored(
            reader.session,
            HotspotTicket,
            col(HotspotTicket.id),
            has=lambda word: _hotspot_has(reader, states, word),
            state=lambda state: col(HotspotTicket.state) == state,
            at=col(HotspotTicket.opened_at),
            zone=speech.zone,
        ),
        columns=_hotspot_columns(reader, states),
    )


def _hotspot_columns(reader: Reader, states: Mapping[str, str]) -> list[Column[HotspotTicket]]:
    speech, names, at = reader.speech, reader.names, HotspotTicket
    return [
        Column("number", "lists.number", lambda row: row.id, Kind.NUMBER, col(at.id)),
        Column(
            "state", "lists.state", lambda row: states[row.state], order=in_turn(at.state, TicketState), css="state"
        ),
        Column("zone", "grades.zone", lambda row: names.zone_list(row.zone_ids) if row.zone_ids else None),
        Column("lat", "lists.lat", lambda row: row.lat, Kind.NUMBER, col(at.lat), decimals=4),
        Column("lon", "lists.lon", lambda row: row.lon, Kind.NUMBER, col(at.lon), decimals=4),
        Column("seen", "lists.seen_first", lambda row: row.first_seen_at, Kind.TIME, col(at.first_seen_at)),
        Column("seen_last", "lists.seen_last", lambda row: row.last_seen_at, Kind.TIME, on_page=False),
        Column("detections", "hotspots.pixels", lambda row: row.detections, Kind.NUMBER, col(at.detections)),
        Column(
            "confidence",
            "hotspots.confidence",
            lambda row: speech.word("confidence", row.confidence),
            order=in_turn(at.confidence, Confidence),
        ),
        Column("frp_mw", "hotspots.frp_mw", lambda row: row.max_frp_mw, Kind.NUMBER, col(at.max_frp_mw), decimals=1),
        Column("asked", "lists.asked_at", lambda row: row.opened_at, Kind.TIME, col(at.opened_at)),
        Column("decided", "lists.decided_at", lambda row: row.decided_at, Kind.TIME, col(at.decided_at)),
        Column("by", "lists.by", lambda row: names.actor(row.decided_by) if row.decided_by else None, on_page=False),
        Column("note", "lists.note", lambda row: row.note or None, css="body"),
        Column("incident", "lists.incident", lambda row: row.incident_id, Kind.NUMBER, col(at.incident_id)),
    ]


def _hotspot_has(reader: Reader, states: Mapping[str, str], word: str) -> ColumnElement[bool]:
    lies_in = cast(col(HotspotTicket.zone_ids), String)
    return or_(
        *is_number(HotspotTicket.id, word),
        *(lies_in.contains(f'"{zone}"') for zone in named(reader.zones, word)),
        col(HotspotTicket.state).in_(named(states, word)),
        col(HotspotTicket.note).icontains(word, autoescape=True),
    )
