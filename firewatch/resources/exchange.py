"""Crews, vehicles and depots come in from tables of people's own and go out as such.

Everything that is wrong is told at once, by file, line and column, and nothing is changed unless all of it holds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import ValidationError
from sqlmodel import Session, select

from firewatch.agencies.models import Agency
from firewatch.clock import Clock
from firewatch.db import in_turn
from firewatch.files.problems import Problem
from firewatch.files.sheets import Sheet
from firewatch.resources import register
from firewatch.resources.models import ChangeKind, ResourceKind
from firewatch.resources.register import Change, Row
from firewatch.resources.status import DISPATCH

OWN: Final[Mapping[ResourceKind, frozenset[str]]] = {
    ResourceKind.CREW: frozenset({"people", "may_attack"}),
    ResourceKind.VEHICLE: frozenset({"seats", "crew_aboard", "load"}),
    ResourceKind.DEPOT: frozenset({"loading_minutes", "stock"}),
}
"""The columns by which a table of a kind is known."""
CHOSEN: Final = ("kind", "speed_class")
"""Columns with a word out of a list."""
YES_NO: Final = {"是": "true", "否": "false"}
SHEET: Final = {ResourceKind.CREW: "crews", ResourceKind.VEHICLE: "vehicles", ResourceKind.DEPOT: "depots"}


@dataclass(frozen=True)
class Found:
    """A row of a table and where it stands."""

    sheet: str
    line: int
    row: Row


@dataclass(frozen=True)
class Import:
    """What a set of tables would do: nothing can be done while there are problems."""

    problems: Sequence[Problem]
    changes: Sequence[Change]
    rows: Sequence[Row]


def look(session: Session, sheets: Sequence[Sheet], agency_id: str | None = None) -> Import:
    """Return what importing some tables would change, and everything that is wrong with them.

    The tables of a kind tell the whole of it, or with `agency_id` the whole of what that agency has: what they do not
    name is retired. Kinds of which there is no table are left alone.
    """
    problems: list[Problem] = []
    found: list[Found] = []
    kinds: set[ResourceKind] = set()
    for sheet in sheets:
        kind = _kind(sheet)
        if kind is None:
            own = "; ".join(f"{SHEET[each]}: {', '.join(sorted(names))}" for each, names in OWN.items())
            problems.append(Problem(sheet.name, None, None, "no_kind", {"own": own}))
            continue
        kinds.add(kind)
        wrong = list(_columns(sheet, kind))
        problems += wrong
        if not any(each.what == "no_such_column" for each in wrong):
            for line, cells in sheet.lines:
                _take(sheet, kind, line, cells, found, problems)
    problems += [*_agencies(session, found, agency_id), *_names(session, found, kinds, agency_id)]
    if problems:
        return Import(problems, [], [])
    rows = [each.row for each in found]
    changes = [
        change
        for kind in ResourceKind
        if kind in kinds
        for change in register.compare(session, kind, [r for r in rows if register.kind_of(r) is kind], agency_id)
    ]
    stuck = [
        Problem(SHEET[change.kind], None, None, why, {"name": change.resource_id})
        for change, why in register.why_not(session, changes)
    ]
    return Import([*stuck, *([] if agency_id else _unnamed(rows, changes))], changes, rows)


def bring_in(session: Session, clock: Clock, sheets: Sequence[Sheet], by: str, agency_id: str | None = None) -> Import:
    """Import some tables if nothing is wrong with them; return what was done, or what is wrong."""
    in_turn(session, DISPATCH)
    found = look(session, sheets, agency_id)
    if not found.problems:
        carry_out(session, clock, found, by)
    return found


def carry_out(session: Session, clock: Clock, found: Import, by: str) -> None:
    """Make the changes of a look that has found nothing wrong."""
    register.apply(session, clock, found.changes, found.rows, by)


def take_out(session: Session, kinds: Sequence[ResourceKind], agency_id: str | None = None) -> list[Sheet]:
    """Return the active resources as tables with the columns that an import reads."""
    return [
        Sheet(
            SHEET[kind],
            list(register.ROWS[kind].model_fields),
            [
                (number, {name: _cell(value) for name, value in row.model_dump(mode="json").items()})
                for number, (resource, row) in enumerate(register.rows(session, kind, agency_id).values(), start=2)
                if resource.active
            ],
        )
        for kind in kinds
    ]


def _cell(value: Any) -> str:  # noqa: ANN401 - any field of a row
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={units}" for name, units in sorted(value.items()))
    return str(value)


def _kind(sheet: Sheet) -> ResourceKind | None:
    score = {kind: len(names & set(sheet.columns)) for kind, names in OWN.items()}
    best = max(score, key=lambda kind: score[kind])
    return best if score[best] else None


def _columns(sheet: Sheet, kind: ResourceKind) -> Iterator[Problem]:
    fields = register.ROWS[kind].model_fields
    for name, times in Counter(sheet.columns).items():
        if not name:
            yield Problem(sheet.name, None, None, "nameless_column")
        elif name not in fields:
            known = ", ".join(fields)
            given = {"kind": SHEET[kind], "known": known}
            yield Problem(sheet.name, None, name, "foreign_column", given)
        elif times > 1:
            yield Problem(sheet.name, None, name, "column_twice")
    for name, about in fields.items():
        if about.is_required() and name not in sheet.columns:
            yield Problem(sheet.name, None, name, "no_such_column", {"kind": SHEET[kind]})


def _take(
    sheet: Sheet, kind: ResourceKind, line: int, cells: Mapping[str, str], found: list[Found], problems: list[Problem]
) -> None:
    table = register.ROWS[kind]
    if "" in cells and "" not in sheet.columns:
        problems.append(Problem(sheet.name, line, None, "too_many_cells"))
    known = {name: YES_NO.get(cell, cell) for name, cell in cells.items() if name in table.model_fields}
    try:
        found.append(Found(sheet.name, line, table.model_validate(known)))
    except ValidationError as error:
        for name, _ in register.reasons(error):
            column = (name or "").partition(".")[0]  # a quantity's name stands in the cell
            problems.append(_cell_problem(sheet, kind, line, column, cells.get(column, "")))


def _cell_problem(sheet: Sheet, kind: ResourceKind, line: int, column: str, cell: str) -> Problem:
    hint = f"resources.error.{column}"
    if not cell:
        return Problem(sheet.name, line, column, "empty", hint=hint)
    options = get_args(register.ROWS[kind].model_fields[column].annotation) if column in CHOSEN else ()
    if options:
        return Problem(sheet.name, line, column, "choice", {"cell": cell, "options": ", ".join(options)})
    return Problem(sheet.name, line, column, "cell", {"cell": cell}, hint)


def _agencies(session: Session, found: Sequence[Found], agency_id: str | None) -> Iterator[Problem]:
    known = set(session.exec(select(Agency.id).where(Agency.active)))
    for each in found:
        if each.row.agency not in known:
            yield Problem(each.sheet, each.line, "agency", "unknown_agency", {"agency": each.row.agency})
        elif agency_id is not None and each.row.agency != agency_id:
            given = {"agency": each.row.agency, "only": agency_id}
            yield Problem(each.sheet, each.line, "agency", "foreign_agency", given)


def _names(
    session: Session, found: Sequence[Found], kinds: set[ResourceKind], agency_id: str | None
) -> Iterator[Problem]:
    """Find ids that are taken: in the tables, and by what is in the register and not told anew by them."""
    taken: dict[tuple[bool, str], tuple[str, Mapping[str, str]]] = {}
    for kind in ResourceKind:
        for name, (resource, _) in register.rows(session, kind).items():
            if kind not in kinds or (agency_id is not None and resource.agency_id != agency_id):
                taken[_name_space(kind), name] = f"id_of_{kind}", {"agency": resource.agency_id}
    for each in found:
        key = _name_space(register.kind_of(each.row)), each.row.id
        if key in taken:
            what, places = taken[key]
            yield Problem(each.sheet, each.line, "id", what, {"name": each.row.id, **places})
        taken.setdefault(key, ("id_twice", {"sheet": each.sheet, "line": str(each.line)}))


def _unnamed(rows: Sequence[Row], changes: Sequence[Change]) -> Iterator[Problem]:
    """Find agencies that would lose all they have of a kind: most likely the table is of one agency only."""
    named = {(register.kind_of(row), row.agency) for row in rows}
    lost = {(change.kind, change.agency_id) for change in changes if change.what is ChangeKind.RETIRED} - named
    for kind, agency in sorted(lost):
        yield Problem(SHEET[kind], None, None, "unnamed_agency", {"agency": agency})


def _name_space(kind: ResourceKind) -> bool:
    """Crews and depots share one: both occur among the stops of a trip."""
    return kind is ResourceKind.VEHICLE
