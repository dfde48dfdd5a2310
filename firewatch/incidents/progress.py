"""An incident moves on: found, listed, and taken from state to state on the record."""

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.errors import Conflict, NotFound
from firewatch.incidents import lifecycle
from firewatch.incidents.models import FireClass, Incident, IncidentState
from firewatch.incidents.timeline import record


def get(session: Session, incident_id: int) -> Incident:
    """Return an incident. Raises NotFound."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    return incident


def hold(session: Session, incident_id: int) -> Incident:
    """Return an incident that nobody else changes before this transaction ends. Raises NotFound."""
    # Rows that refer to it may still be written meanwhile: who holds one of those never waits for us in a circle.
    incident = session.get(Incident, incident_id, with_for_update={"key_share": True}, populate_existing=True)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    return incident


def number_of(incident: Incident) -> int:
    """Return the number of an incident that has been flushed."""
    if incident.id is None:
        raise RuntimeError("an incident has its number once it is flushed")
    return incident.id


def open_incidents(session: Session) -> list[Incident]:
    """Return the incidents that are not over, the newest first."""
    query = (
        select(Incident)
        .where(col(Incident.state).in_(sorted(lifecycle.OPEN)))
        .order_by(col(Incident.opened_at).desc(), col(Incident.id).desc())
    )
    return list(session.exec(query))


def recent(session: Session, limit: int, offset: int = 0) -> list[Incident]:
    """Return incidents of any state, the newest first."""
    newest = col(Incident.opened_at).desc(), col(Incident.id).desc()
    return list(session.exec(select(Incident).order_by(*newest).limit(limit).offset(offset)))


def change_state(session: Session, clock: Clock, incident_id: int, new: IncidentState, by: str) -> Incident:
    """Take an incident to its next state; what hangs on its end is for `dispatch.ending`.

    Raises NotFound, and Conflict for a step that is not allowed.
    """
    incident = hold(session, incident_id)
    lifecycle.check(incident.state, new)
    old, incident.state = incident.state, new
    if new in lifecycle.ENDED:
        incident.closed_at = clock.now()
        incident.plan_due_at = None
    record(session, incident_id, clock.now(), "state_changed", by, old=old, new=new)
    session.flush()
    return incident


def set_class(session: Session, clock: Clock, incident_id: int, fire_class: FireClass, by: str) -> Incident:
    """Set the fire class; what the run card asks for changes with it, so a new plan falls due.

    Raises NotFound, and Conflict when the incident is over.
    """
    incident = hold(session, incident_id)
    if incident.state in lifecycle.ENDED:
        raise Conflict("the incident is over: its class stands")
    if incident.fire_class != fire_class:
        old, incident.fire_class = incident.fire_class, fire_class
        incident.plan_due_at = clock.now()
        record(session, incident_id, clock.now(), "class_set", by, old=old, new=fire_class)
        session.flush()
    return incident
