"""Release steps: approved by somebody named, issued, updated, lifted. Each is refused when somebody was quicker.

The law wants a named approver for what is published. A person approves under his own name; a standing rule of the
config folder approves under the rule's name; a program names the officer on whose word it acts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import record, tell
from firewatch.warnings.lifecycle import WarningState
from firewatch.warnings.models import Action, Why, ZoneWarning
from firewatch.warnings.signals import WORSENING


def approve(
    session: Session, clock: Clock, ids: Sequence[int], by: str, name: str, *, by_rule: bool = False
) -> list[ZoneWarning]:
    """Approve drafts under a name. Raises NotFound, Conflict (somebody was quicker) and BadInput."""
    record.turn(session)
    now, name = clock.now(), record.said("approver", name)
    rows = _rows(session, ids)
    for row in rows:
        row.approved_by, row.approved_name, row.approved_at, row.by_rule = by, name, now, by_rule
        kind = "approved_by_rule" if by_rule else "approved"
        record.move(session, now, row, WarningState.APPROVED, kind, by, name=name)
    return rows


def issue(session: Session, clock: Clock, book: Rulebook, ids: Sequence[int], by: str) -> list[ZoneWarning]:
    """Put approved versions in force, or lift what they lift; tell every agency at once of what is new or worse.

    Raises NotFound, and Conflict when one is not approved or what it changes is no longer in force.
    """
    record.turn(session)
    now, rows = clock.now(), _rows(session, ids)
    for row in rows:
        old = _replaced(session, row)
        if row.action is Action.LIFT:
            record.move(session, now, row, WarningState.LIFTED, "lifted", by)
            if old is not None:
                record.move(session, now, old, WarningState.LIFTED, "lifted", by)
        else:
            if old is not None:
                record.move(session, now, old, WarningState.UPDATED, "updated", by)
            _validity(book, now, row, old)
            record.move(session, now, row, WarningState.ISSUED, "issued", by)
        record.calm(session, now, row.zone_id, by)
    tell.everyone(session, clock, book, [row for row in rows if row.action in WORSENING])
    return rows


def approve_and_issue(
    session: Session, clock: Clock, book: Rulebook, ids: Sequence[int], by: str, name: str
) -> list[ZoneWarning]:
    """Approve what still waits for that, and issue all of it; both steps are on record. Raises as these do."""
    record.turn(session)
    drafts = [record.number_of(row) for row in _rows(session, ids) if row.state is WarningState.DRAFT]
    if drafts:
        approve(session, clock, drafts, by, name)
    return issue(session, clock, book, ids, by)


def reject(session: Session, clock: Clock, warning_id: int, by: str, reason: str) -> ZoneWarning:
    """Say no to a draft, and why; an approved one is withdrawn. Raises NotFound, Conflict and BadInput."""
    record.turn(session)
    now, row = clock.now(), record.get(session, warning_id)
    row.reason = record.said("reason", reason)
    if row.state is WarningState.APPROVED:
        record.move(session, now, row, WarningState.WITHDRAWN, "withdrawn", by, note=row.reason)
    else:
        record.move(session, now, row, WarningState.REJECTED, "rejected", by, note=row.reason)
    record.calm(session, now, row.zone_id, by)
    return row


def remark(session: Session, clock: Clock, warning_id: int, by: str, text: str) -> ZoneWarning:
    """Write the free remark of a draft; an empty text takes it out. Raises NotFound, Conflict and BadInput.

    What was approved is not changed any more: it was approved as it stood.
    """
    record.turn(session)
    row = record.get(session, warning_id)
    if row.state is not WarningState.DRAFT:
        raise Conflict(f"warning {warning_id} is {row.state}: only a draft's remark can be changed")
    row.remark = record.said("remark", text) if text.strip() else ""
    record.step(session, clock.now(), row, "remarked", by, note=row.remark)
    return row


def lift(
    session: Session, clock: Clock, book: Rulebook, warning_id: int, by: str, name: str, reason: str
) -> ZoneWarning:
    """Lift what is in force without waiting for a draft: drafted, approved and lifted by one person, all on record.

    Raises NotFound, Conflict when it is not in force, and BadInput without a reason or a name.
    """
    record.turn(session)
    now, old = clock.now(), record.get(session, warning_id)
    if old.state is not WarningState.ISSUED:
        raise Conflict(f"warning {warning_id} is {old.state}: only one in force can be lifted")
    open_draft = record.waiting(session).get(old.zone_id)
    if open_draft is not None:
        record.move(session, now, open_draft, WarningState.SUPERSEDED, "superseded", by)
    row = record.new_version(book, now, old.zone_id, old, Action.LIFT, by)
    row.reason, row.why, row.grade = record.said("reason", reason), Why.BY_HAND, old.grade
    session.add(row)
    record.step(session, now, row, "drafted", by, new=WarningState.DRAFT, note=row.reason)
    number = record.number_of(row)
    approve(session, clock, [number], by, name)
    return issue(session, clock, book, [number], by)[0]


def _rows(session: Session, ids: Sequence[int]) -> list[ZoneWarning]:
    if not ids or len(set(ids)) != len(ids):
        raise BadInput("ids: name at least one warning, and none twice")
    return [record.get(session, number) for number in sorted(ids)]


def _replaced(session: Session, row: ZoneWarning) -> ZoneWarning | None:
    """Return the version that this one takes the place of. Raises Conflict when it is no longer in force."""
    current = record.in_force(session).get(row.zone_id)
    if (current.id if current else None) != row.replaces_id:
        raise Conflict(f"warning {row.id}: what it changes is no longer in force: wait for the next draft")
    return current


def _validity(book: Rulebook, now: datetime, row: ZoneWarning, old: ZoneWarning | None) -> None:
    span = timedelta(hours=book.warnings.valid_hours)
    prolonged = old if row.action is Action.PROLONG else None
    row.valid_from = now
    row.valid_to = max(now, (prolonged.valid_to if prolonged else None) or now) + span
    row.since_at = prolonged.since_at if prolonged else now
    bodies = zip(book.warnings.signatures_zh, book.warnings.signatures_en, strict=True)
    row.signatures = [{"zh": zh, "en": en} for zh, en in bodies]
