"""Commands that bring an agency's duty roster in from tables and calendars, and write it out."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.exchange import BY, known_agency, tell_problems, write_out
from firewatch.commands.parsing import Commands, add, day, group
from firewatch.errors import BadInput

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from firewatch.agencies.entries import Change
    from firewatch.agencies.exchange import Import


def register(commands: Commands) -> None:
    """Add roster."""
    roster = group(commands, "roster", "the dated shifts of an agency as a table or a calendar", "ACTION")
    bring = add(roster, "import", _import, "bring a .csv, .xlsx or .ics file in: all or, if anything is wrong, nothing")
    bring.add_argument("--dry-run", action="store_true", help="only tell what is wrong and what would change")
    write = add(roster, "export", _export, "write a .csv or .ics file")
    write.add_argument("--lang", choices=("zh", "en"), default="zh", help="of people's names; default: zh")
    for command, meaning in ((bring, "covered by the file; default: of its"), (write, "written; default: of the")):
        command.add_argument("file", metavar="FILE", type=Path)
        command.add_argument("--agency", metavar="ID", required=True, help="whose roster")
        for name in ("first", "last"):
            command.add_argument(f"--{name}", type=day, metavar="DATE", help=f"the {name} day {meaning} {name} shift")


def _import(given: argparse.Namespace) -> int:
    from firewatch.agencies import exchange
    from firewatch.clock import SystemClock
    from firewatch.files.sheets import read_bytes
    from firewatch.run import named_database, named_rulebook

    zone, days = named_rulebook().alliance.tz, (given.first, given.last)
    told = exchange.parse(given.file.name, read_bytes(given.file), zone, days)
    db = named_database()
    if given.dry_run:
        with db.read() as session:
            known_agency(session, given.agency)
            found = exchange.look(session, told, given.agency, zone, days)
    else:
        with db.write() as session:
            known_agency(session, given.agency)
            found = exchange.bring_in(session, SystemClock(), told, given.agency, zone, BY, days)
    return tell_problems(found.problems) if found.problems else _tell(found, zone, dry_run=given.dry_run)


def _tell(found: "Import", zone: "ZoneInfo", *, dry_run: bool) -> int:
    for change in found.changes:
        print(_told(change, zone))
    first, last = found.days or ("", "")
    rest = {"left out, of other days": found.left_out, "left out, cancelled": found.cancelled}
    counts = [f"{len(found.changes)} {'to be changed' if dry_run else 'changed'}", f"{found.same} the same"]
    counts += [f"{count} {what}" for what, count in rest.items() if count]
    print(f"shifts that begin from {first} to {last}: {'; '.join(counts)}")
    return 0


def _told(change: "Change", zone: "ZoneInfo") -> str:
    from firewatch.agencies.roster_table import time_text

    signed = (("-", change.before), ("+", change.after))
    return "; ".join(
        f"{sign} {span.contact_id} {time_text(span.from_at, zone)} – {time_text(span.to_at, zone)}"
        for sign, span in signed
        if span is not None
    )


def _export(given: argparse.Namespace) -> int:
    from firewatch.agencies import exchange, roster_calendar
    from firewatch.clock import SystemClock
    from firewatch.run import named_database, named_rulebook

    zone, suffix = named_rulebook().alliance.tz, given.file.suffix.lower()
    if suffix not in (".csv", ".ics"):
        raise BadInput(f"{given.file.name}: needs to be .csv or .ics")
    with named_database().read() as session:
        agency = known_agency(session, given.agency)
        found = exchange.take_out(session, given.agency, zone, (given.first, given.last))
    name = str(getattr(agency, f"name_{given.lang}"))
    write_out(
        given.file,
        exchange.as_csv(found, zone, given.lang)
        if suffix == ".csv"
        else roster_calendar.written(found, zone, name, given.lang, SystemClock().now()),
    )
    print(f"{given.file}: {len(found)} shifts of {given.agency}")
    return 0
