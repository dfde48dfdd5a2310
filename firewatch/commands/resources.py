"""Commands that bring crews, vehicles and depots in from tables, and write them out."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.exchange import BY, known_agency, tell_problems, write_out
from firewatch.commands.parsing import Commands, add, group
from firewatch.errors import BadInput

if TYPE_CHECKING:
    from sqlmodel import Session

    from firewatch.resources.register import Change


def register(commands: Commands) -> None:
    """Add resources."""
    resources = group(commands, "resources", "crews, vehicles and depots as tables", "ACTION")
    bring = add(resources, "import", _import, "bring .csv and .xlsx files in: all or, if anything is wrong, nothing")
    bring.add_argument("files", nargs="+", metavar="FILE", type=Path)
    bring.add_argument("--dry-run", action="store_true", help="only tell what is wrong and what would change")
    bring.add_argument("--agency", metavar="ID", help="the tables tell what this agency has, and nothing of the others")
    write = add(resources, "export", _export, "write an .xlsx file with a sheet for each kind, or one kind as .csv")
    write.add_argument("file", metavar="FILE", type=Path)
    write.add_argument("--kind", choices=("crews", "vehicles", "depots"), help="only this kind; needed for .csv")
    write.add_argument("--agency", metavar="ID", help="only what this agency has")


def _import(given: argparse.Namespace) -> int:
    from firewatch.clock import SystemClock
    from firewatch.files import sheets
    from firewatch.resources import exchange
    from firewatch.run import named_database

    tables = [sheet for file in given.files for sheet in sheets.read(file)]
    db = named_database()
    if given.dry_run:
        with db.read() as session:
            _known_agency(session, given.agency)
            found = exchange.look(session, tables, given.agency)
    else:
        with db.write() as session:
            _known_agency(session, given.agency)
            found = exchange.bring_in(session, SystemClock(), tables, BY, given.agency)
    if found.problems:
        return tell_problems(found.problems)
    for change in found.changes:
        print(_told(change))
    print(f"{len(found.changes)} {'to be changed' if given.dry_run else 'changed'}, of {len(found.rows)} in the tables")
    return 0


def _told(change: "Change") -> str:
    from firewatch.resources.models import ChangeKind

    what = {ChangeKind.ADDED: "added", ChangeKind.CHANGED: "changed", ChangeKind.RETIRED: "set inactive"}[change.what]
    before = change.before
    fields = [f"{name} {before[name]} → {value}" for name, value in change.after.items() if name in before]
    return f"{change.kind} {change.resource_id}: {what}{': ' if fields else ''}{', '.join(fields)}"


def _export(given: argparse.Namespace) -> int:
    from firewatch.files import sheets
    from firewatch.resources import exchange
    from firewatch.run import named_database

    kinds = [kind for kind, name in exchange.SHEET.items() if given.kind in (None, name)]
    suffix = given.file.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise BadInput(f"{given.file.name}: needs to be .csv or .xlsx")
    if suffix == ".csv" and len(kinds) > 1:
        raise BadInput("a .csv file holds one kind: say --kind crews, vehicles or depots, or write an .xlsx file")
    with named_database().read() as session:
        _known_agency(session, given.agency)
        tables = exchange.take_out(session, kinds, given.agency)
    write_out(given.file, sheets.as_csv(tables[0]) if suffix == ".csv" else sheets.as_workbook(tables))
    print(f"{given.file}: {', '.join(f'{len(table.lines)} {table.name}' for table in tables)}")
    return 0


def _known_agency(session: "Session", agency_id: str | None) -> None:
    if agency_id is not None:
        known_agency(session, agency_id)
