"""The list of crews, vehicles and depots of all agencies, each where it is taken to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firewatch.resources import pool, present, work
from firewatch.resources.models import Crew, Depot, ResourceKind, ResourceStatus, Vehicle
from firewatch.web.lists import map_files
from firewatch.web.lists.listing import Column, Kind, Listing, Value
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Held


@dataclass(frozen=True)
class Owned:
    """A crew, a vehicle or a depot with what it brings or holds, and where it is taken to be."""

    kind: ResourceKind
    row: Crew | Vehicle | Depot
    units: Mapping[str, int]
    place: tuple[float, float]


def listing(reader: Reader) -> Listing[Owned]:
    """Return the list."""
    states = reader.words("resource_status", ResourceStatus)
    return Listing(
        name="resources",
        title="lists.resources",
        what="lists.resources.what",
        first="agency",
        link=lambda each: f"/resources/{each.kind}/{each.row.id}",
        label=lambda each: reader.speech.named(each.row),
        place=lambda each: map_files.point(*each.place),
        states=states,
        source=Held(
            _all(reader),
            state=lambda each: "" if isinstance(each.row, Depot) else each.row.status,
            also=lambda each: f"{each.row.name_zh} {each.row.name_en} {reader.agencies[each.row.agency_id]}",
        ),
        columns=_columns(reader, states),
    )


def _all(reader: Reader) -> list[Owned]:
    session, now, rules = reader.session, reader.speech.now, reader.services.book.resources
    left = pool.stock_by_depot(session)
    mobile: list[Crew | Vehicle] = [*pool.crews(session), *pool.vehicles(session)]
    return [
        *(Owned(work.kind_of(row), row, row.provides, present.whereabouts_of(row, now, rules).place) for row in mobile),
        *(Owned(ResourceKind.DEPOT, row, left.get(row.id, {}), (row.lat, row.lon)) for row in pool.depots(session)),
    ]


def _columns(reader: Reader, states: Mapping[str, str]) -> list[Column[Owned]]:
    speech, names = reader.speech, reader.names
    return [
        Column("name", "resources.name", lambda each: speech.named(each.row)),
        Column("id", "lists.id", lambda each: each.row.id, on_page=False),
        Column("kind", "lists.kind", lambda each: _kind(reader, each)),
        Column("agency", "lists.agency", lambda each: names.agency(each.row.agency_id)),
        Column("state", "lists.state", _mobile(lambda row: states[row.status]), css="state"),
        Column("since", "lists.since_when", _mobile(lambda row: row.status_at), Kind.TIME),
        Column("people", "lists.people", lambda each: _people(each.row), Kind.NUMBER),
        Column("seats", "lists.seats", lambda each: getattr(each.row, "seats", None), Kind.NUMBER),
        Column("brings", "lists.units", lambda each: _units(reader, each)),
        Column("turnout", "lists.turnout", _mobile(lambda row: row.turnout_minutes), Kind.NUMBER),
        Column("lat", "lists.lat", lambda each: each.place[0], Kind.NUMBER, decimals=4),
        Column("lon", "lists.lon", lambda each: each.place[1], Kind.NUMBER, decimals=4),
        Column("seen", "lists.seen_at", _mobile(lambda row: row.fix_at), Kind.TIME, on_page=False),
    ]


def _mobile(value: Callable[[Crew | Vehicle], Value]) -> Callable[[Owned], Value]:
    """Return what holds of a crew or a vehicle, and is nothing to say of a depot."""
    return lambda each: None if isinstance(each.row, Depot) else value(each.row)


def _kind(reader: Reader, each: Owned) -> str:
    speech = reader.speech
    match each.row:
        case Crew():
            return speech.word("crew_kind", each.row.kind)
        case Vehicle():
            return speech.word("vehicle_kind", each.row.kind)
        case _:
            return speech.word("resource_kind", each.kind)


def _people(row: Crew | Vehicle | Depot) -> int | None:
    match row:
        case Crew():
            return row.people
        case Vehicle():
            return row.crew_aboard
        case _:
            return None


def _units(reader: Reader, each: Owned) -> str | None:
    return " ".join(f"{reader.speech.capability(name)} {units}" for name, units in sorted(each.units.items())) or None
