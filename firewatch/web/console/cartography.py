"""What stands on the map of a page: zones with today's grades, fires, resources, trips, and the words for them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from markupsafe import Markup
from sqlmodel import Session, col, select

from firewatch.danger.models import ZoneGrade
from firewatch.danger.rows import NOT_CALIBRATED, SNOW_UNKNOWN
from firewatch.danger.season import FWI_RESTS, OFF_SEASON, OVERWINTERED
from firewatch.dispatch import assumed
from firewatch.dispatch.models import Order, OrderState, RoadClosure
from firewatch.hotspots.models import HotspotTicket
from firewatch.incidents.models import Incident
from firewatch.resources import present
from firewatch.resources.models import Crew, Depot, ResourceKind, Vehicle
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from firewatch.warnings.signals import Signal
from firewatch.web import map_frame, map_marks, map_svg
from firewatch.web.console.assumed_view import present_place
from firewatch.web.console.ground_view import GroundView
from firewatch.web.console.speech import Names, Speech

NO_DOUBT = frozenset(
    {
        NOT_CALIBRATED,
        SNOW_UNKNOWN,
        "history",
        "rh_clamped",
        "cover_missing",
        "spin_up",
        OFF_SEASON,
        FWI_RESTS,
        OVERWINTERED,
    }
)
"""Marks that say nothing against the weather of the day; of the spin-up the days that are left are told instead."""
KINDS = ("incident", "hotspot", "crew", "vehicle", "depot", "closure")
LayerOn = Callable[[map_frame.Frame, list[map_svg.MapZone]], tuple[list[map_svg.MapZone], map_svg.Layer]]
"""Draws a layer on a window with the zones as they stand; returns the zones with what they say instead."""
ONLY_WHEN_DRAWN = frozenset({"closure"})
"""Explained below the map only when it is on it."""


def draw_map(
    speech: Speech,
    book: Rulebook,
    grades: Mapping[str, ZoneGrade],
    marks: Sequence[map_marks.MapMark] = (),
    trips: Sequence[map_marks.MapTrip] = (),
    signals: Mapping[str, Signal] = MappingProxyType({}),
    doubts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    past: Collection[str] = frozenset(),
    layer: LayerOn | None = None,
    window: map_frame.Frame | None = None,
    roads: Sequence[map_marks.MapRoads] = (),
    ground: GroundView | None = None,
    *,
    legend: bool = True,
) -> Markup:
    """Return the map of the region with the grade (0 is no data) of each zone by the operational scheme.

    `signals` are those of the warnings in force, by zone: flags beside the grades. `doubts` say, by zone, why its
    weather is not to be relied on. `past` are the zones whose warning is past its validity.
    `layer` is drawn in place of the grades, `window` is the part that is drawn: all of the region without one.
    `ground` lies under it all; of the roads it draws the main ones, unless `roads` are given.
    """
    scheme = book.danger.scheme
    zones = [
        replace(
            _map_zone(speech, scheme, zone, grades.get(zone.id)),
            signal=signals.get(zone.id, ""),
            signal_word=_signal(speech, signals[zone.id], over=zone.id in past) if zone.id in signals else "",
            doubts=doubts.get(zone.id, ()),
        )
        # A reserve within a county is drawn above it, whatever their order: else nobody would see its grade.
        for zone in sorted(book.zones, key=lambda zone: zone.kind == "reserve")
    ]
    words = _words(speech, book, marks)
    scene = map_svg.Scene(zones, marks, trips, roads, window=window, words=words, legend=legend)
    if ground is not None:
        frame = map_svg.frame_of(scene)
        scene = replace(scene, ground=ground.pictures(frame), roads=roads or ground.roads(frame))
    if layer is not None:
        drawn_zones, drawing = layer(map_svg.frame_of(scene), zones)
        scene = replace(scene, zones=drawn_zones, layer=drawing)
    return map_svg.draw(scene)


def _words(speech: Speech, book: Rulebook, marks: Iterable[map_marks.MapMark]) -> map_svg.MapWords:
    scheme = book.danger.scheme
    drawn = {mark.kind for mark in marks} | (set(KINDS) - ONLY_WHEN_DRAWN)
    return map_svg.MapWords(
        title=speech.t("map.title"),
        legend=speech.t("map.legend", scheme=speech.word("scheme", scheme)),
        grades={grade: speech.grade(scheme, grade) for grade in range(6)},
        kinds={kind: speech.word("map.kind", kind) for kind in KINDS if kind in drawn},
        note=boundaries_note(speech, book),
        beyond=speech.t("map.beyond"),
        doubt=speech.t("map.doubt"),
    )


def boundaries_note(speech: Speech, book: Rulebook) -> str:
    """Return whose the outlines on maps are: not official, until the rulebook says whose."""
    return book.map.boundaries or speech.t("map.note")


def whole(book: Rulebook) -> map_frame.Frame:
    """Return the part of the land that a map without a window shows."""
    zones = [map_svg.MapZone("", zone.polygons, zone.label, 0, "") for zone in book.zones]
    return map_svg.frame_of(map_svg.Scene(zones))


def _map_zone(speech: Speech, scheme: str, zone: Zone, grade: ZoneGrade | None) -> map_svg.MapZone:
    return map_svg.MapZone(
        name=speech.named(zone),
        polygons=zone.polygons,
        label=zone.label,
        grade=grade.grade if grade else 0,
        word=speech.zone_grade(scheme, grade),
    )


def _signal(speech: Speech, signal: Signal, *, over: bool) -> str:
    return " · ".join([speech.word("signal", signal), *([speech.t("warnings.over")] if over else [])])


def doubts(speech: Speech, grade: ZoneGrade | None, spin_up_left: int) -> list[str]:
    """Return, in words, why the weather behind a zone's grade is not to be relied on."""
    flags = [flag for flag in (grade.flags if grade else "").split(";") if flag and flag not in NO_DOUBT]
    words = [speech.word("flag", flag) for flag in flags]
    return [*words, *([speech.t("grades.spin_up_left", days=spin_up_left)] if spin_up_left else [])]


def incident_marks(speech: Speech, incidents: Iterable[Incident]) -> list[map_marks.MapMark]:
    """Return the fires, each a link to its page."""
    return [
        map_marks.MapMark(
            kind="incident",
            lat=fire.lat,
            lon=fire.lon,
            name=f"{speech.t('incident.number', number=fire.id)} · {speech.word('incident_state', fire.state)}",
            label=str(fire.id),
            href=f"/incidents/{fire.id}",
        )
        for fire in incidents
    ]


def hotspot_marks(speech: Speech, tickets: Iterable[HotspotTicket]) -> list[map_marks.MapMark]:
    """Return the hot spots nobody has answered, each a link to its place on their page."""
    return [
        map_marks.MapMark(
            kind="hotspot",
            lat=row.lat,
            lon=row.lon,
            name=f"{speech.t('hotspots.number', number=row.id)} · {speech.word('hotspot_state', row.state)}",
            href=f"/hotspots#hotspot-{row.id}",
        )
        for row in tickets
    ]


def closure_marks(speech: Speech, closed: Iterable[RoadClosure]) -> list[map_marks.MapMark]:
    """Return the roads that are closed, each a link to their page."""
    return [
        map_marks.MapMark(
            kind="closure",
            lat=row.lat,
            lon=row.lon,
            name=f"{speech.t('roads.number', number=row.id)} · {row.reason}",
            href="/roads",
            line=row.places if row.line else (),
        )
        for row in closed
    ]


def resource_marks(session: Session, speech: Speech, rules: Resources) -> list[map_marks.MapMark]:
    """Return depots, and vehicles and crews where they are taken to be, with the age of what says so."""
    depots = session.exec(select(Depot).where(col(Depot.active)))
    vehicles = session.exec(select(Vehicle).where(col(Vehicle.active)))
    crews = session.exec(select(Crew).where(col(Crew.active)))
    return [
        *(map_marks.MapMark("depot", row.lat, row.lon, speech.named(row)) for row in depots),
        *(map_marks.MapMark("vehicle", *_at(speech, row, rules), _with_status(speech, row, rules)) for row in vehicles),
        *(map_marks.MapMark("crew", *_at(speech, row, rules), _with_status(speech, row, rules)) for row in crews),
    ]


def _at(speech: Speech, row: Vehicle | Crew, rules: Resources) -> map_frame.Place:
    return present.whereabouts_of(row, speech.now, rules).place


def _with_status(speech: Speech, row: Vehicle | Crew, rules: Resources) -> str:
    said = f"{speech.named(row)} · {speech.word('resource_status', row.status)}"
    return said if row.fix_at is None else f"{said} · {present_place(speech, row, rules)}"


@dataclass(frozen=True)
class Starts:
    """Where vehicles, crews and depots are at home, by id, and from where some plans sent whoever told a position."""

    homes: Mapping[str, map_frame.Place]
    planned: Mapping[int, Mapping[tuple[ResourceKind, str], map_frame.Place]]

    def of(self, plan_id: int) -> dict[str, map_frame.Place]:
        """Return from where a plan sends everybody and everything, by id."""
        return {**self.homes, **{name: place for (_, name), place in self.planned.get(plan_id, {}).items()}}


def starts(session: Session, plan_ids: Collection[int]) -> Starts:
    """Read from where some plans send people."""
    rows = [*session.exec(select(Vehicle)), *session.exec(select(Crew)), *session.exec(select(Depot))]
    return Starts({row.id: (row.lat, row.lon) for row in rows}, assumed.by_plan(session, plan_ids))


def trip_line(
    at: Mapping[str, map_frame.Place],
    names: Names,
    incident: Incident,
    vehicle_id: str,
    stops: Iterable[str],
    time: str,
) -> map_marks.MapTrip:
    """Return the way of a vehicle by crews and depots to the fire; stops no longer known are left out."""
    way = [at[stop] for stop in (vehicle_id, *stops) if stop in at]
    return map_marks.MapTrip([*way, (incident.lat, incident.lon)], names.resource(vehicle_id), time)


def order_lines(
    at: Starts, speech: Speech, names: Names, incident: Incident, orders: Iterable[Order]
) -> list[map_marks.MapTrip]:
    """Return the ways of orders that are under way or there, as planned, with when each is to arrive that has not."""
    return [
        trip_line(
            at.of(order.plan_id),
            names,
            incident,
            order.vehicle_id,
            order.stops,
            "" if order.state is OrderState.ON_SCENE else speech.clock(order.eta_at),
        )
        for order in orders
    ]
