"""A table that was sent in as its page shows it: what is wrong line by line, what would be added, changed, retired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch.agencies.roster import active_agencies
from firewatch.files.models import Upload
from firewatch.files.uploads import mark
from firewatch.resources import exchange, uploads
from firewatch.resources.models import ChangeKind
from firewatch.resources.register import Change
from firewatch.web.console.page import Page
from firewatch.web.console.problem_view import ProblemRow, problem_row
from firewatch.web.console.resources_view import field_lines, may_edit
from firewatch.web.console.speech import Names, load_names


@dataclass(frozen=True)
class FormView:
    """What can be taken out and sent in: of which agencies, by id and name."""

    agencies: Sequence[tuple[str, str]]
    may_send: Sequence[tuple[str, str]]
    """Of whose tables the reader may send in; "" stands for the whole alliance."""
    error: str


@dataclass(frozen=True)
class ChangeRow:
    """What would be done to one resource; the lines say what each field was and would be."""

    what: ChangeKind
    kind: str
    resource_id: str
    agency: str
    lines: Sequence[str]


@dataclass(frozen=True)
class LookView:
    """A table, what is wrong with it, what it would change."""

    upload: Upload
    scope: str
    problems: Sequence[ProblemRow]
    changes: Sequence[ChangeRow]
    counts: Mapping[ChangeKind, int]
    same: int
    """Rows of the table that change nothing."""
    mark: str
    changed: bool
    """The register changed after the reader had looked."""


def form(session: Session, page: Page, error: str) -> FormView:
    """Read of whom tables can be taken out and sent in."""
    named = [(agency.id, page.speech.named(agency)) for agency in active_agencies(session)]
    own = [(agency_id, name) for agency_id, name in named if may_edit(page, agency_id)]
    # Whoever may change every agency's resources may send in the whole alliance's.
    everything = [("", page.speech.t("tables.everything"))] if len(own) == len(named) else []
    return FormView(named, [*everything, *own], error)


def look(session: Session, page: Page, upload: Upload, *, changed: bool) -> LookView:
    """Read what a table would change now; of one that was taken over only that it was."""
    found = uploads.look(session, upload) if upload.done_at is None else exchange.Import([], [], [])
    names = load_names(session, page.services.book, page.speech)
    changes = [_change(page, names, each) for each in found.changes]
    counts = {what: sum(each.what is what for each in changes) for what in ChangeKind}
    return LookView(
        upload=upload,
        scope=names.agency(upload.agency_id) if upload.agency_id else page.speech.t("tables.everything"),
        problems=[problem_row(page.speech, each) for each in found.problems],
        changes=changes,
        counts={what: count for what, count in counts.items() if count},
        same=len(found.rows) - sum(each.what is not ChangeKind.RETIRED for each in changes),
        mark=mark(found),
        changed=changed,
    )


def _change(page: Page, names: Names, each: Change) -> ChangeRow:
    return ChangeRow(
        what=each.what,
        kind=page.speech.word("resource_kind", each.kind),
        resource_id=each.resource_id,
        agency=names.agency(each.agency_id),
        lines=field_lines(page, each.kind, each.before, each.after),
    )
