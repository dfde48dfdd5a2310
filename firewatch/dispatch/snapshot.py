"""The question put to the dispatcher: a frozen snapshot of the fire, its run card and everybody who is free."""

from collections import Counter

from sqlmodel import Session, select

from firewatch.dispatch import problem as p
from firewatch.dispatch.models import UNDER_WAY, Order, OrderState
from firewatch.dispatch.standing import closures
from firewatch.dispatch.travel import Travel, estimate
from firewatch.incidents.models import Incident
from firewatch.resources import pool
from firewatch.resources.models import Crew, Depot, Vehicle
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook

FIRE = "fire"
"""Prefix of a fire's id and place in the problem: fire-12 is incident 12."""


def fire_id(incident_id: int) -> str:
    """Return the name of an incident in a problem."""
    return f"{FIRE}-{incident_id}"


def needs(rules: Dispatch, incident: Incident) -> dict[str, int]:
    """Return what the run card asks for; an unknown grade has a card of its own."""
    grade = incident.danger_grade or 0
    card = next(c for c in rules.run_card if c.fire_class == incident.fire_class and grade in c.grades)
    return dict(card.needs)


def snapshot(session: Session, book: Rulebook, incident: Incident, travel: Travel | None = None) -> p.Problem:
    """Return the problem of one incident: available crews and vehicles, and depots, of all agencies.

    What is under way already is taken off the needs, and a vehicle that declined this fire is not asked again. Without
    a `travel` the minutes are estimated.
    """
    rules = book.dispatch
    given = list(session.exec(select(Order).where(Order.incident_id == incident.id)))
    declined = {order.vehicle_id for order in given if order.state == OrderState.DECLINED}
    vehicles = [row for row in pool.vehicles(session, free=True) if row.id not in declined]
    crews, depots = pool.crews(session, free=True), pool.depots(session)
    coming = _brought(session, [order for order in given if order.state in UNDER_WAY])
    left = {name: max(0, need - coming[name]) for name, need in needs(rules, incident).items()}
    stock = pool.stock_by_depot(session)
    fire = fire_id(incident.id or 0)
    places = {f"{kind}:{row.id}": (row.lat, row.lon) for kind, rows in _kinds(vehicles, crews, depots) for row in rows}
    places[fire] = (incident.lat, incident.lon)
    table = (travel or estimate(rules)).table(places, [fire], closures(session))
    return p.Problem(
        incidents=[p.Incident(fire, fire, rules.grade_weight[incident.danger_grade or 0], left)],
        vehicles=[_vehicle(row) for row in vehicles],
        crews=[_crew(row) for row in crews],
        depots=[
            p.Depot(row.id, row.agency_id, f"depot:{row.id}", stock.get(row.id, {}), row.loading_minutes)
            for row in depots
        ],
        reserves=[],
        minutes=table.minutes,
        minutes_from=table.made,
        limits=p.Limits(crews_per_trip=rules.crews_per_trip, depots_per_trip=rules.depots_per_trip),
    )


def _brought(session: Session, orders: list[Order]) -> Counter[str]:
    """Return what some orders bring to their fire, by capability."""
    coming: Counter[str] = Counter()
    for order in orders:
        coming.update(_vehicle(session.get_one(Vehicle, order.vehicle_id)).brings)
        for crew in order.crews:
            coming.update(_crew(session.get_one(Crew, crew)).brings)
        for load in order.load.values():
            coming.update(load)
    return coming


def _kinds(
    vehicles: list[Vehicle], crews: list[Crew], depots: list[Depot]
) -> tuple[tuple[str, list[Vehicle] | list[Crew] | list[Depot]], ...]:
    return ("vehicle", vehicles), ("crew", crews), ("depot", depots)


def _vehicle(row: Vehicle) -> p.Vehicle:
    return p.Vehicle(
        id=row.id,
        agency=row.agency_id,
        place=f"vehicle:{row.id}",
        seats=row.seats,
        crew=row.crew_aboard,
        load=row.load,
        turnout=row.turnout_minutes,
        provides=dict(row.provides),
    )


def _crew(row: Crew) -> p.Crew:
    return p.Crew(
        id=row.id,
        agency=row.agency_id,
        place=f"crew:{row.id}",
        people=row.people,
        turnout=row.turnout_minutes,
        provides=dict(row.provides),
        may_attack=row.may_attack,
    )
