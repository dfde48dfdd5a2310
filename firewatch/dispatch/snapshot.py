"""The question put to the dispatcher: a frozen snapshot of the fires, their run cards and everybody who is free."""

from collections import Counter
from collections.abc import Sequence

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.dispatch import needs, reserves
from firewatch.dispatch import problem as p
from firewatch.dispatch.models import UNDER_WAY, Order, OrderState
from firewatch.dispatch.standing import closures
from firewatch.dispatch.travel import Travel, estimate
from firewatch.incidents.models import Incident
from firewatch.resources import pool, present
from firewatch.resources.models import Crew, Depot, SpeedClass, Vehicle
from firewatch.resources.whereabouts import Place
from firewatch.resources.work import kind_of
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook

FIRE = "fire"
"""Prefix of a fire's id and place in the problem: fire-12 is incident 12."""


def fire_id(incident_id: int) -> str:
    """Return the name of an incident in a problem."""
    return f"{FIRE}-{incident_id}"


def incident_of(fire: str) -> int:
    """Return the number of the incident that has a name in a problem."""
    return int(fire.removeprefix(f"{FIRE}-"))


def snapshot(
    session: Session, clock: Clock, book: Rulebook, incidents: Sequence[Incident], travel: Travel | None = None
) -> p.Problem:
    """Return the problem of some fires: crews and vehicles that are free to go, and all depots.

    Everybody turns out as by day or by night, whichever it is now, from where he is taken to be (`resources.present`).
    What is under way already is taken off the needs.
    A vehicle that declined one of the fires is not asked for any of them: the format cannot keep it from one alone.
    Without a `travel` the minutes are estimated.
    """
    rules = book.dispatch
    given = list(session.exec(select(Order).where(col(Order.incident_id).in_([each.id for each in incidents]))))
    declined = {order.vehicle_id for order in given if order.state == OrderState.DECLINED}
    free = pool.free(session, clock.now(), book.resources)
    vehicles = [row for row in free.vehicles if row.id not in declined]
    crews, depots = free.crews, pool.depots(session)
    stock = pool.stock_by_depot(session)
    when = clock.now(), book.resources, book.alliance.tz
    kept = reserves.of_today(session, clock, book)
    places = _places(clock, book, vehicles, crews, depots) | {
        fire_id(each.id or 0): (each.lat, each.lon) for each in incidents
    }
    labels = {zone.id: zone.label for zone in book.zones}
    places |= {reserve.place: (labels[reserve.id][1], labels[reserve.id][0]) for reserve in kept}
    knows, fires, closed = (
        travel or estimate(rules, by_road=book.roads),
        [fire_id(each.id or 0) for each in incidents],
        closures(session),
    )
    table = knows.table(places, fires, closed)
    own = sorted({row.speed_class for row in vehicles} - {SpeedClass.STANDARD})
    return p.Problem(
        incidents=[_fire(session, rules, each, given) for each in incidents],
        vehicles=[_vehicle(row, present.turnout_of(row, *when).minutes) for row in vehicles],
        crews=[_crew(row, present.turnout_of(row, *when).minutes) for row in crews],
        depots=[
            p.Depot(row.id, row.agency_id, f"depot:{row.id}", stock.get(row.id, {}), row.loading_minutes)
            for row in depots
        ],
        reserves=kept,
        minutes=table.minutes,
        minutes_from=table.made,
        minutes_by_class={name.value: knows.of_class(name).table(places, fires, closed).minutes for name in own},
        objectives=p.RESERVE_LATER if rules.reserve_later else p.USUAL_ORDER,
        limits=p.Limits(crews_per_trip=rules.crews_per_trip, depots_per_trip=rules.depots_per_trip),
    )


def _fire(session: Session, rules: Dispatch, incident: Incident, given: Sequence[Order]) -> p.Incident:
    mine = [order for order in given if order.incident_id == incident.id and order.state in UNDER_WAY]
    coming = _brought(session, mine)
    left = {name: max(0, need - coming[name]) for name, need in needs.wanted(rules, incident).items()}
    fire = fire_id(incident.id or 0)
    return p.Incident(fire, fire, needs.weight(rules, incident), left)


def _brought(session: Session, orders: list[Order]) -> Counter[str]:
    """Return what some orders bring to their fire, by capability."""
    coming: Counter[str] = Counter()
    for order in orders:
        coming.update(_vehicle(session.get_one(Vehicle, order.vehicle_id), 0).brings)
        for crew in order.crews:
            coming.update(_crew(session.get_one(Crew, crew), 0).brings)
        for load in order.load.values():
            coming.update(load)
    return coming


def _places(
    clock: Clock, book: Rulebook, vehicles: Sequence[Vehicle], crews: Sequence[Crew], depots: Sequence[Depot]
) -> dict[str, Place]:
    moving: list[Vehicle | Crew] = [*vehicles, *crews]
    return {
        f"{kind_of(row)}:{row.id}": present.whereabouts_of(row, clock.now(), book.resources).place for row in moving
    } | {f"depot:{row.id}": (row.lat, row.lon) for row in depots}


def _vehicle(row: Vehicle, turnout: int) -> p.Vehicle:
    return p.Vehicle(
        id=row.id,
        agency=row.agency_id,
        place=f"vehicle:{row.id}",
        seats=row.seats,
        crew=row.crew_aboard,
        load=row.load,
        turnout=turnout,
        provides=dict(row.provides),
        speed_class="" if row.speed_class is SpeedClass.STANDARD else row.speed_class.value,
    )


def _crew(row: Crew, turnout: int) -> p.Crew:
    return p.Crew(
        id=row.id,
        agency=row.agency_id,
        place=f"crew:{row.id}",
        people=row.people,
        turnout=turnout,
        provides=dict(row.provides),
        may_attack=row.may_attack,
    )
