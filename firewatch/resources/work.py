"""The record of work: a spell begins when somebody sets out and ends when he is back. Who must rest follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, or_, select

from firewatch.resources.hours import Limits, Spell, must_rest_until, worked
from firewatch.resources.models import Crew, ResourceKind, Vehicle, WorkSpell
from firewatch.rulebook.resources import Resources

LOOK_BACK: Final = timedelta(days=30)
"""Older spells are not read: nobody goes a month without one whole rest, and the record only grows."""


@dataclass(frozen=True)
class Account:
    """What somebody has worked since the last whole rest, and until when that makes him rest."""

    worked: timedelta
    rests_until: datetime | None


def kind_of(resource: Crew | Vehicle) -> ResourceKind:
    """Return what a resource is: a crew and a vehicle may have the same id."""
    return ResourceKind.CREW if isinstance(resource, Crew) else ResourceKind.VEHICLE


def begin(session: Session, resource: Crew | Vehicle, at: datetime) -> None:
    """Put on record that somebody sets out."""
    session.add(WorkSpell(kind=kind_of(resource), resource_id=resource.id, began_at=at))


def end(session: Session, resource: Crew | Vehicle, at: datetime) -> None:
    """Put on record that somebody is back; nothing where nobody had set out."""
    mine = select(WorkSpell).where(WorkSpell.kind == kind_of(resource), WorkSpell.resource_id == resource.id)
    for spell in session.exec(mine.where(col(WorkSpell.ended_at).is_(None))):
        spell.ended_at = at


def accounts(
    session: Session, now: datetime, rules: Resources, resources: Sequence[Crew | Vehicle]
) -> dict[tuple[ResourceKind, str], Account]:
    """Return what each has worked, by kind and id; a vehicle with nobody aboard needs no rest."""
    limits = Limits(timedelta(hours=rules.rest_after_hours), timedelta(hours=rules.rest_hours))
    spells = _spells(session, now, [row.id for row in resources])
    found = {}
    for row in resources:
        mine = spells[kind_of(row), row.id]
        has_people = isinstance(row, Crew) or row.crew_aboard > 0
        until = must_rest_until(mine, now, limits) if has_people else None
        found[kind_of(row), row.id] = Account(worked(mine, now, limits), until)
    return found


def rests_until(session: Session, now: datetime, rules: Resources, resource: Crew | Vehicle) -> datetime | None:
    """Return until when somebody must rest, None when he may work."""
    return accounts(session, now, rules, [resource])[kind_of(resource), resource.id].rests_until


def _spells(session: Session, now: datetime, ids: Sequence[str]) -> dict[tuple[ResourceKind, str], list[Spell]]:
    lately = or_(col(WorkSpell.began_at) >= now - LOOK_BACK, col(WorkSpell.ended_at).is_(None))
    found: dict[tuple[ResourceKind, str], list[Spell]] = defaultdict(list)
    query = select(WorkSpell).where(lately, col(WorkSpell.resource_id).in_(ids))
    for row in session.exec(query.order_by(col(WorkSpell.began_at), col(WorkSpell.id))):
        found[row.kind, row.resource_id].append(Spell(row.began_at, row.ended_at))
    return found
