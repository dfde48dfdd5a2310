"""The pool as its page shows it: by agency, with state, place, what each brings, and how long it has worked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from firewatch.access.permissions import may_act, may_change
from firewatch.agencies.roster import active_agencies
from firewatch.resources import edit, pool, present, recovery, status, work
from firewatch.resources.models import (
    Crew,
    Depot,
    OwnedBase,
    ResourceChange,
    ResourceKind,
    ResourceStatus,
    Vehicle,
)
from firewatch.resources.whereabouts import Place
from firewatch.web.console.assumed_view import present_place
from firewatch.web.console.page import Page
from firewatch.web.console.position_form import PositionForm
from firewatch.web.console.resource_form import ResourceForm, shown
from firewatch.web.console.speech import Names, load_names


@dataclass(frozen=True)
class MobileRow:
    """A crew or a vehicle: since when it is in its state, what it has worked, what may be set by hand."""

    kind: ResourceKind
    row: Crew | Vehicle
    name: str
    what: str
    worked_minutes: float
    rests_until: datetime | None
    moves_on_at: datetime | None
    """When the clock takes it to its next state."""
    may_become: Sequence[ResourceStatus]
    place: Place
    """Where it is taken to be."""
    seen: str
    """Why there, with the age of its position; empty when it has told none."""


@dataclass(frozen=True)
class DepotRow:
    """A depot and the units left in it, with those that are lent out."""

    row: Depot
    name: str
    left: Mapping[str, int]


@dataclass(frozen=True)
class AgencyCard:
    """An agency with what it has; `own` when the reader may change it."""

    id: str
    name: str
    own: bool
    mobile: Sequence[MobileRow]
    depots: Sequence[DepotRow]
    free: int
    """How many of its crews and vehicles could be planned with now."""


@dataclass(frozen=True)
class ChangeRow:
    """One change of the record: the lines say what each field was and is."""

    at: datetime
    by: str
    what: str
    lines: Sequence[str]


@dataclass(frozen=True)
class PresentView:
    """Where a crew or a vehicle is taken to be and why, the position that was told last and by whom; the form."""

    row: Crew | Vehicle
    place: Place
    said: str
    by: str
    form: PositionForm


@dataclass(frozen=True)
class ResourceView:
    """One resource with its form and its record."""

    kind: ResourceKind
    row: OwnedBase
    name: str
    agency: str
    own: bool
    form: ResourceForm
    record: Sequence[ChangeRow]
    present: PresentView | None
    """None of a depot."""


def build(session: Session, page: Page) -> list[AgencyCard]:
    """Read the whole pool, the agency that the reader acts for first."""
    agencies = active_agencies(session)
    mobile = _mobile(session, page)
    left = pool.stock_by_depot(session)
    depots = [DepotRow(row, page.speech.named(row), left.get(row.id, {})) for row in pool.depots(session)]
    mine = page.visitor.agency_id if page.visitor else None
    return [
        AgencyCard(
            id=agency.id,
            name=page.speech.named(agency),
            own=may_edit(page, agency.id),
            mobile=(rows := [each for each in mobile if each.row.agency_id == agency.id]),
            depots=[each for each in depots if each.row.agency_id == agency.id],
            free=sum(each.row.status is ResourceStatus.AVAILABLE and each.rests_until is None for each in rows),
        )
        for agency in sorted(agencies, key=lambda agency: (agency.id != mine, agency.id))
    ]


def build_one(
    session: Session,
    page: Page,
    kind: ResourceKind,
    resource_id: str,
    form: ResourceForm | None = None,
    where: PositionForm | None = None,
) -> ResourceView:
    """Read one resource; `form` and `where` are what the reader has typed already. Raises NotFound."""
    resource, row = edit.find(session, kind, resource_id)
    names = load_names(session, page.services.book, page.speech)
    return ResourceView(
        kind=kind,
        row=resource,
        name=page.speech.named(resource),
        agency=names.agency(resource.agency_id),
        own=may_edit(page, resource.agency_id),
        form=form or shown(kind, row, resource.version),
        record=[_change(page, names, each) for each in edit.record(session, kind, resource_id)],
        present=_present(page, names, resource, where) if isinstance(resource, Crew | Vehicle) else None,
    )


def may_edit(page: Page, owner: str) -> bool:
    """Return whether the reader may change what an agency has."""
    visitor, office = page.visitor, page.services.book.alliance.duty_agency
    return visitor is not None and may_act(visitor.role) and may_change(visitor.agency_id, owner, office)


def _mobile(session: Session, page: Page) -> list[MobileRow]:
    rules, now = page.services.book.resources, page.services.clock.now()
    rows: list[Crew | Vehicle] = [*pool.crews(session), *pool.vehicles(session)]
    accounts = work.accounts(session, now, rules, rows)
    found = []
    for row in rows:
        kind = work.kind_of(row)
        account = accounts[kind, row.id]
        tired = {ResourceStatus.AVAILABLE} if account.rests_until is not None else set()
        by_hand = [] if row.status in status.COMMITTED else status.NEXT[row.status]
        found.append(
            MobileRow(
                kind=kind,
                row=row,
                name=page.speech.named(row),
                what=page.speech.word("crew_kind" if isinstance(row, Crew) else "vehicle_kind", row.kind),
                worked_minutes=account.worked.total_seconds() / 60,
                rests_until=account.rests_until,
                moves_on_at=recovery.ends_at(row, rules),
                may_become=[state for state in by_hand if state in status.BY_HAND and state not in tired],
                place=present.whereabouts_of(row, now, rules).place,
                seen="" if row.fix_at is None else present_place(page.speech, row, rules),
            )
        )
    return found


def _present(page: Page, names: Names, row: Crew | Vehicle, where: PositionForm | None) -> PresentView:
    rules, speech = page.services.book.resources, page.speech
    return PresentView(
        row=row,
        place=present.whereabouts_of(row, speech.now, rules).place,
        said=present_place(speech, row, rules),
        by=names.actor(row.fix_by or ""),
        form=where or PositionForm(),
    )


def _change(page: Page, names: Names, row: ResourceChange) -> ChangeRow:
    speech = page.speech
    return ChangeRow(
        at=row.at,
        by=names.actor(row.by),
        what=speech.word("change_kind", row.what),
        lines=field_lines(page, row.kind, row.before, row.after),
    )


def field_lines(page: Page, kind: ResourceKind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what each field that differs was and is; of what is new nothing."""
    speech = page.speech
    return [
        speech.t(
            "resources.was_is",
            field=speech.word("resources.field", name),
            was=_said(page, kind, name, before.get(name)),
            now=_said(page, kind, name, value),
        )
        for name, value in after.items()
        if name in before
    ]


def _said(page: Page, kind: ResourceKind, name: str, value: Any) -> str:  # noqa: ANN401 - any field of a row
    speech = page.speech
    match name, value:
        case "status", str():
            return speech.word("resource_status", value)
        case "speed_class", str():
            return speech.word("speed_class", value)
        case "kind", str():
            return speech.word("crew_kind" if kind is ResourceKind.CREW else "vehicle_kind", value)
        case _, None:
            return "–"
        case _, bool():
            return speech.t("resources.yes" if value else "resources.no")
        case _, dict():
            return " ".join(f"{speech.capability(each)} {units}" for each, units in sorted(value.items())) or "–"
        case _:
            return str(value)
