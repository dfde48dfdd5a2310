"""A file of an agency's roster as its page shows it: what is wrong, what would be added, changed, taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from firewatch.agencies import shifts, uploads
from firewatch.agencies.entries import Change
from firewatch.agencies.exchange import Days, Import
from firewatch.agencies.gaps import AHEAD, gaps
from firewatch.agencies.models import DatedShift, RosterDeed
from firewatch.agencies.roster import active_agencies, rosters
from firewatch.agencies.spans import Span
from firewatch.files.models import Upload
from firewatch.files.uploads import mark
from firewatch.web.console.page import Page
from firewatch.web.console.problem_view import ProblemRow, problem_row
from firewatch.web.console.roster_view import EMPTY, find_agency, may_edit, said, stretch
from firewatch.web.console.speech import Names, Speech, load_names


@dataclass(frozen=True)
class FormView:
    """What can be taken out of an agency's roster and sent in: of which days at first, and whether the reader may."""

    agency_id: str
    agency: str
    own: bool
    taken_out: Days
    sent_in: Days
    error: str


@dataclass(frozen=True)
class ChangeRow:
    """What would become of a shift: `before` and `after` say it; one of them may be empty."""

    what: RosterDeed
    before: str
    after: str
    is_running: bool
    """Somebody is on duty by it just now."""


@dataclass(frozen=True)
class LookView:
    """A file, what is wrong with it, what it would change, and the gaps that there would be then."""

    agency_id: str
    agency: str
    upload: Upload
    found: Import
    problems: Sequence[ProblemRow]
    changes: Sequence[ChangeRow]
    counts: Mapping[RosterDeed, int]
    gaps: Sequence[str]
    mark: str
    changed: bool
    """The roster changed after the reader had looked."""


def form(session: Session, page: Page, agency_id: str, taken_out: Days, sent_in: Days, error: str) -> FormView:
    """Read whose roster it is. Raises NotFound for no agency of ours."""
    agency = find_agency(active_agencies(session), agency_id)
    return FormView(agency_id, page.speech.named(agency), may_edit(page, agency_id), taken_out, sent_in, error)


def look(session: Session, page: Page, agency_id: str, upload: Upload, *, changed: bool) -> LookView:
    """Read what a file would change now; of one that was taken over only that it was."""
    speech, agency = page.speech, find_agency(active_agencies(session), agency_id)
    is_done = upload.done_at is not None
    found = Import([], [], None) if is_done else _look(session, upload, agency_id, speech)
    names = load_names(session, page.services.book, speech)
    changes = [_change(speech, names, each) for each in found.changes]
    counts = {what: sum(each.what is what for each in changes) for what in RosterDeed}
    return LookView(
        agency_id=agency_id,
        agency=speech.named(agency),
        upload=upload,
        found=found,
        problems=[problem_row(speech, each) for each in found.problems],
        changes=changes,
        counts={what: count for what, count in counts.items() if count},
        gaps=_gaps_after(session, page, agency_id, found.changes),
        mark=mark(found),
        changed=changed,
    )


def _look(session: Session, upload: Upload, agency_id: str, speech: Speech) -> Import:
    return uploads.look(session, upload, uploads.told(upload, speech.zone), agency_id, speech.zone)


def _change(speech: Speech, names: Names, each: Change) -> ChangeRow:
    before, after = ("" if span is None else said(speech, names, span) for span in (each.before, each.after))
    what = RosterDeed.CHANGED if before and after else RosterDeed.ADDED if after else RosterDeed.REMOVED
    is_running = any(span is not None and span.from_at <= speech.now < span.to_at for span in (each.before, each.after))
    return ChangeRow(what, before, after, is_running)


def _gaps_after(session: Session, page: Page, agency_id: str, changes: Sequence[Change]) -> list[str]:
    """Return the gaps of the days ahead as they would be with some changes made."""
    now, speech = page.services.clock.now(), page.speech
    roster = rosters(session, now, now + AHEAD).get(agency_id, EMPTY)
    gone = {change.before for change in changes}
    new = [_row(change.after) for change in changes if change.after is not None]
    dated = [*(row for row in roster.dated if shifts.span_of(row) not in gone), *new]
    return [stretch(speech, *gap) for gap in gaps(replace(roster, dated=dated), now, now + AHEAD, speech.zone)]


def _row(span: Span) -> DatedShift:
    return DatedShift(contact_id=span.contact_id, from_at=span.from_at, to_at=span.to_at)
