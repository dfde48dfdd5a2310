"""What a fire needs, and how much it weighs: by its run card and danger grade, until a person knows better."""

from collections.abc import Mapping

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict
from firewatch.incidents import lifecycle, progress
from firewatch.incidents.models import Incident
from firewatch.incidents.timeline import record
from firewatch.resources import pool
from firewatch.resources.models import Crew, Vehicle
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.read import Rulebook

MOST = 10_000
"""Of one capability: more is a slip of the finger."""


def by_card(rules: Dispatch, incident: Incident) -> dict[str, int]:
    """Return what the run card asks for; an unknown grade has a card of its own."""
    grade = incident.danger_grade or 0
    card = next(c for c in rules.run_card if c.fire_class == incident.fire_class and grade in c.grades)
    return dict(card.needs)


def wanted(rules: Dispatch, incident: Incident) -> dict[str, int]:
    """Return what a fire is to get: what a person has set, else what the card asks for."""
    return by_card(rules, incident) if incident.needs_by_hand is None else dict(incident.needs_by_hand)


def weight(rules: Dispatch, incident: Incident) -> float:
    """Return what a fire weighs against others: by its danger grade, times what is at stake there."""
    at_stake = {stake.id: stake.weight for stake in rules.stake}
    # A stake that the config names no more weighs nothing extra.
    return rules.grade_weight[incident.danger_grade or 0] * at_stake.get(incident.stake or "", 1.0)


def capabilities(session: Session, book: Rulebook) -> list[str]:
    """Return all that a card asks for or anybody brings, in alphabetical order."""
    asked = {name for card in book.dispatch.run_card for name in card.needs}
    rows: list[Crew | Vehicle] = [*pool.crews(session), *pool.vehicles(session)]
    brought = {name for row in rows for name in row.provides}
    return sorted(asked | brought | {name for stock in pool.stock_by_depot(session).values() for name in stock})


def adjust(
    session: Session, clock: Clock, book: Rulebook, incident_id: int, new: Mapping[str, int] | None, by: str
) -> Incident:
    """Set what a fire is to get, or go back to its card (None); a new plan falls due.

    It holds until somebody changes it again, whatever becomes of class and grade. Raises NotFound, Conflict when the
    incident is over, and BadInput with the capability that is wrong.
    """
    incident = _open(session, incident_id)
    known = capabilities(session, book)
    for name, number in (new or {}).items():
        if name not in known:
            raise BadInput(f"needs.{name}: nobody brings that; known are {', '.join(known)}")
        if not 0 <= number <= MOST:
            raise BadInput(f"needs.{name}: a whole number from 0 to {MOST} is wanted, got {number}")
    old, incident.needs_by_hand = wanted(book.dispatch, incident), _without_nothing(new)
    now = wanted(book.dispatch, incident)
    changed = {name: (old.get(name, 0), now.get(name, 0)) for name in sorted({*old, *now})}
    said = ";".join(f"{name}:{before}:{after}" for name, (before, after) in changed.items() if before != after)
    incident.needs_set_by = None if new is None else by
    incident.needs_set_at = None if new is None else clock.now()
    if new is None:
        record(session, incident_id, clock.now(), "needs_by_card", by, changes=said)
    else:
        record(session, incident_id, clock.now(), "needs_set", by, changes=said)
    if said:
        incident.plan_due_at = clock.now()
    session.flush()
    return incident


def set_stake(session: Session, clock: Clock, book: Rulebook, incident_id: int, stake: str | None, by: str) -> Incident:
    """Set what is at stake; a new plan falls due. Raises NotFound, Conflict when the incident is over, and BadInput."""
    incident = _open(session, incident_id)
    known = [each.id for each in book.dispatch.stake]
    if stake is not None and stake not in known:
        raise BadInput(f"stake: {stake} is none of {', '.join(known)}")
    if incident.stake != stake:
        old, incident.stake = incident.stake, stake
        incident.plan_due_at = clock.now()
        record(session, incident_id, clock.now(), "stake_set", by, old=old or "", new=stake or "")
        session.flush()
    return incident


def _open(session: Session, incident_id: int) -> Incident:
    incident = progress.hold(session, incident_id)
    if incident.state in lifecycle.ENDED:
        raise Conflict("the incident is over: what it needed stands")
    return incident


def _without_nothing(new: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if new is None else {name: number for name, number in sorted(new.items()) if number > 0}
