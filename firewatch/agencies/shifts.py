"""An agency's duty roster is changed: every change passes here, is put on record, and can be undone.

A change takes some shifts away and puts others there. It is made whole or not at all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from firewatch.agencies.models import Contact, ContactRole, DatedShift, RosterChange, RosterDeed
from firewatch.agencies.roster import with_role
from firewatch.agencies.spans import Span, Wrong, wrong
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.errors import BadInput, Conflict

ON_ROSTER = (ContactRole.LIAISON, ContactRole.DEPUTY)
"""Who has shifts: those who are told first. A head is the last step of an escalation, on duty or not."""
WEEK = timedelta(days=7)


class NotValid(BadInput):
    """A shift that does not hold; `wrong` tells which and why."""

    def __init__(self, wrong: Wrong) -> None:
        """Keep it, and tell it in English."""
        other = f" (beside {wrong.other.from_at:%Y-%m-%dT%H:%MZ})" if wrong.other else ""
        super().__init__(f"{wrong.span.contact_id} {wrong.span.from_at:%Y-%m-%dT%H:%MZ}: {wrong.what}{other}")
        self.wrong = wrong


class Outdated(Conflict):
    """The roster is not what it was when the person looked."""


def people(session: Session, agency_id: str) -> list[Contact]:
    """Return who of an agency may have shifts, the liaisons first."""
    found = with_role(session, agency_id, ON_ROSTER)
    return sorted(found, key=lambda person: (ON_ROSTER.index(person.role), person.id))


def find(session: Session, agency_id: str, shift_id: int) -> DatedShift:
    """Return a shift of an agency. Raises Outdated when there is none (any more)."""
    shift = session.get(DatedShift, shift_id)
    if shift is None or session.get_one(Contact, shift.contact_id).agency_id != agency_id:
        raise Outdated("this shift is no longer there: look at the roster again")
    return shift


def spans(session: Session, agency_id: str, start: datetime, end: datetime) -> list[Span]:
    """Return an agency's shifts that have a part between two instants, in order."""
    return sorted(_rows(session, agency_id, start, end))


def span_of(shift: DatedShift) -> Span:
    """Return a row as a value."""
    return Span(shift.from_at, shift.to_at, shift.contact_id)


def take_turn(session: Session, agency_id: str) -> None:
    """Let whoever changes an agency's roster pass one at a time, until the transaction ends."""
    in_turn(session, f"roster:{agency_id}")


def change(
    session: Session,
    clock: Clock,
    agency_id: str,
    what: RosterDeed,
    by: str,
    *,
    removed: Sequence[Span] = (),
    added: Sequence[Span] = (),
) -> RosterChange:
    """Take some shifts of an agency away, put others there, and put it on record.

    Raises NotValid for the first that does not hold, Outdated when one that was to go is not there (any more).
    """
    take_turn(session, agency_id)
    edges = [at for span in (*removed, *added) for at in (span.from_at, span.to_at)]
    there = _rows(session, agency_id, min(edges), max(edges)) if edges else {}
    for span in removed:
        row = there.pop(span, None)
        if row is None:
            raise Outdated("the roster has changed in the meantime: look at it again")
        session.delete(row)
    session.flush()  # what goes makes room before anything comes
    _require_valid(added, there, [person.id for person in people(session, agency_id)])
    session.add_all(DatedShift(contact_id=each.contact_id, from_at=each.from_at, to_at=each.to_at) for each in added)
    done = RosterChange(
        at=clock.now(),
        by=by,
        agency_id=agency_id,
        what=what,
        removed=[span.as_json() for span in removed],
        added=[span.as_json() for span in added],
    )
    session.add(done)
    session.flush()
    return done


def newest(session: Session, agency_id: str) -> RosterChange | None:
    """Return the last change of an agency's roster."""
    mine = select(RosterChange).where(RosterChange.agency_id == agency_id)
    return session.exec(mine.order_by(col(RosterChange.id).desc()).limit(1)).first()


def undo(session: Session, clock: Clock, agency_id: str, change_id: int, by: str) -> RosterChange:
    """Undo a change of an agency's roster while it is the last one; undoing that does it once more.

    Raises Outdated when another came after it, NotValid when what it took away can no longer be.
    """
    take_turn(session, agency_id)
    last = newest(session, agency_id)
    if last is None or last.id != change_id:
        raise Outdated("somebody has changed the roster since: look at it again")
    gone, back = [Span.of_json(each) for each in last.added], [Span.of_json(each) for each in last.removed]
    return change(session, clock, agency_id, RosterDeed.UNDONE, by, removed=gone, added=back)


def copy_week(
    session: Session, clock: Clock, agency_id: str, start: datetime, zone: ZoneInfo, by: str
) -> RosterChange | None:
    """Copy the shifts that begin in the week before `start` (its local Monday) into its week, at the same local times.

    What is there already as it would be is left alone; None when nothing is left to copy. Raises NotValid.
    """
    take_turn(session, agency_id)
    before = [span for span in spans(session, agency_id, start - WEEK, start) if span.from_at >= start - WEEK]
    there = set(spans(session, agency_id, start, start + 2 * WEEK))
    wanted = [Span(_later(span.from_at, zone), _later(span.to_at, zone), span.contact_id) for span in before]
    new = [span for span in wanted if span not in there]
    return change(session, clock, agency_id, RosterDeed.COPIED, by, added=new) if new else None


def _later(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the same local time a week on."""
    return (at.astimezone(zone) + WEEK).astimezone(at.tzinfo)


def _rows(session: Session, agency_id: str, start: datetime, end: datetime) -> dict[Span, DatedShift]:
    query = (
        select(DatedShift)
        .join(Contact, col(Contact.id) == col(DatedShift.contact_id))
        .where(Contact.agency_id == agency_id, col(DatedShift.from_at) < end, col(DatedShift.to_at) > start)
    )
    return {span_of(shift): shift for shift in session.exec(query)}


def _require_valid(added: Sequence[Span], there: Iterable[Span], may: Sequence[str]) -> None:
    """Raise NotValid for the first of some new shifts that does not hold beside those that are there."""
    beside: dict[str, list[Span]] = {}
    for span in there:
        beside.setdefault(span.contact_id, []).append(span)
    for span in sorted(added):
        others = beside.setdefault(span.contact_id, [])
        if (found := wrong(span, others, may)) is not None:
            raise NotValid(found)
        others.append(span)
