"""Warnings as they are on record: looked up, moved from state to state, every step written down."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from firewatch.db import in_turn
from firewatch.errors import BadInput, NotFound
from firewatch.messaging.alarms import close_key
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import lifecycle
from firewatch.warnings.lifecycle import WarningState
from firewatch.warnings.models import Action, WarningStep, Why, ZoneWarning
from firewatch.warnings.signals import NO_DATA

SYSTEM: Final = "firewatch"
"""The actor of what no person did."""
TURN: Final = "warnings"
LONGEST_NOTE: Final = 200


def turn(session: Session) -> None:
    """Let nobody else change warnings until this transaction ends: two who release the same see each other's work."""
    in_turn(session, TURN)


def get(session: Session, warning_id: int) -> ZoneWarning:
    """Return a version as it is in the database now. Raises NotFound."""
    query = select(ZoneWarning).where(ZoneWarning.id == warning_id).execution_options(populate_existing=True)
    row = session.exec(query).first()
    if row is None:
        raise NotFound(f"there is no warning {warning_id}")
    return row


def number_of(row: ZoneWarning) -> int:
    """Return the number of a version that is in the database."""
    if row.id is None:
        raise ValueError("the warning was never flushed")
    return row.id


def in_force(session: Session) -> dict[str, ZoneWarning]:
    """Return the version in force in each zone that has one."""
    rows = session.exec(select(ZoneWarning).where(ZoneWarning.state == WarningState.ISSUED))
    return {row.zone_id: row for row in rows}


def is_over(row: ZoneWarning, now: datetime) -> bool:
    """Return whether a version's validity has passed: it stands until it is prolonged or lifted, and says so."""
    return row.valid_to is not None and row.valid_to <= now


def waiting(session: Session) -> dict[str, ZoneWarning]:
    """Return the version that waits for somebody in each zone that has one."""
    rows = session.exec(select(ZoneWarning).where(col(ZoneWarning.state).in_(lifecycle.OPEN)))
    return {row.zone_id: row for row in rows}


def ended_by_hand(session: Session, at: datetime) -> list[ZoneWarning]:
    """Return the versions that were refused, withdrawn or lifted since an instant."""
    query = select(ZoneWarning).where(col(ZoneWarning.state).in_(_BY_HAND), col(ZoneWarning.ended_at) >= at)
    return list(session.exec(query))


_BY_HAND = (WarningState.REJECTED, WarningState.WITHDRAWN, WarningState.LIFTED)


def history(session: Session, limit: int, zone_id: str | None = None) -> list[ZoneWarning]:
    """Return the newest versions, those that a newer assessment replaced before anybody saw to them left out."""
    query = select(ZoneWarning).where(ZoneWarning.state != WarningState.SUPERSEDED)
    if zone_id is not None:
        query = query.where(ZoneWarning.zone_id == zone_id)
    return list(session.exec(query.order_by(col(ZoneWarning.id).desc()).limit(limit)))


def steps(session: Session, ids: Sequence[int]) -> dict[int, list[WarningStep]]:
    """Return what happened to some versions, the oldest step first."""
    query = select(WarningStep).where(col(WarningStep.warning_id).in_(ids)).order_by(col(WarningStep.id))
    found: dict[int, list[WarningStep]] = {number: [] for number in ids}
    for step in session.exec(query):
        found[step.warning_id].append(step)
    return found


def new_version(
    book: Rulebook, now: datetime, zone_id: str, replaces: ZoneWarning | None, action: Action, by: str
) -> ZoneWarning:
    """Return the draft of a zone's next version, not yet in the session; of what it says only the frame."""
    return ZoneWarning(
        zone_id=zone_id,
        version=replaces.version + 1 if replaces else 1,
        replaces_id=replaces.id if replaces else None,
        was=replaces.signal if replaces else None,
        action=action,
        scheme=book.danger.scheme,
        grade=NO_DATA,
        why=Why.GRADES,
        drafted_by=by,
        drafted_at=now,
        alarm_at=now + timedelta(minutes=book.warnings.approve_within_minutes),
    )


def move(
    session: Session,
    now: datetime,
    row: ZoneWarning,
    new: WarningState,
    kind: str,
    actor: str,
    *,
    name: str = "",
    note: str = "",
) -> None:
    """Take a version to another state and put that on record. Raises Conflict when it may not go there."""
    lifecycle.check(row.state, new)
    old, row.state = row.state, new
    if not lifecycle.NEXT[new]:
        row.ended_at = now
    step(session, now, row, kind, actor, name=name, note=note, old=old, new=new)


def step(
    session: Session,
    now: datetime,
    row: ZoneWarning,
    kind: str,
    actor: str,
    *,
    name: str = "",
    note: str = "",
    old: WarningState | None = None,
    new: WarningState | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Put on record what happened to a version; `kind` is the catalogue key warning.step.<kind>."""
    session.flush()  # the states must follow each other in the database as they do here
    session.add(
        WarningStep(
            warning_id=number_of(row),
            at=now,
            kind=kind,
            actor=actor,
            name=name,
            old=old,
            new=new,
            note=note,
            evidence=[dict(day) for day in evidence],
        )
    )
    session.flush()


def alarm_key(zone_id: str) -> str:
    """Return the key of the alarm that a zone's version waits for too long."""
    return f"warning_waits:{zone_id}"


def calm(session: Session, now: datetime, zone_id: str, actor: str) -> None:
    """Close the alarm that a zone's version waits, if it was raised: somebody has seen to it."""
    close_key(session, now, alarm_key(zone_id), actor)


def said(field: str, text: str) -> str:
    """Return what somebody gave as a reason or a name, in one line. Raises BadInput when it is empty or too long."""
    clean = " ".join(text.split())
    if not 1 <= len(clean) <= LONGEST_NOTE:
        raise BadInput(f"{field}: needs 1 to {LONGEST_NOTE} characters")
    return clean
