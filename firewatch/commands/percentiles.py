"""`firewatch danger percentiles`: FWI thresholds from the archive, printed and, if asked, written into danger.toml."""

import argparse
import sys
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add
from firewatch.errors import BadInput

if TYPE_CHECKING:
    from firewatch.danger.percentiles import Figure
    from firewatch.rulebook.danger import Percentiles


def register(danger: Commands) -> None:
    """Add the command to those on danger."""
    command = add(danger, "percentiles", _run, "FWI thresholds from the archive of this place")
    command.add_argument(
        "--levels", nargs=4, type=float, metavar="P", help="percentiles at which grades 2, 3, 4 and 5 begin"
    )
    command.add_argument("--min-days", type=int, metavar="N", help="with fewer in-season days there is no figure")
    command.add_argument("--min-seasons", type=int, metavar="N", help="nor with fewer seasons")
    command.add_argument("--write", action="store_true", help="write them into danger.toml; comments stay")


def _run(given: argparse.Namespace) -> int:
    from firewatch.danger.percentiles import ALLIANCE, figures
    from firewatch.rulebook.write import block, write_thresholds
    from firewatch.run import named_database, named_folder, named_rulebook

    book = named_rulebook()
    rules = _rules(book.danger.percentiles, given)
    with named_database().read() as session:
        found = figures(session, book, rules)
    for figure in found:
        print(f"# {_said(figure)}")
    good = {each.zone_id: each.thresholds for each in found if each.thresholds is not None and not each.problem}
    if not good:
        print("no thresholds: the archive does not carry them", file=sys.stderr)
        return 1
    alliance = good.pop(ALLIANCE, None)
    levels = ", ".join(f"{level:g}" for level in rules.levels)
    print(f"# percentiles {levels} of the in-season FWI\n{block(alliance, good)}", end="")
    if given.write:
        path = write_thresholds(named_folder(), alliance, good)
        print(f"# written to {path}; it counts from the next start of the service")
    return 0


def _rules(configured: "Percentiles", given: argparse.Namespace) -> "Percentiles":
    from pydantic import ValidationError

    asked = {name: getattr(given, name) for name in ("levels", "min_days", "min_seasons")}
    changed = {name: value for name, value in asked.items() if value is not None}
    try:
        return type(configured).model_validate({**configured.model_dump(), **changed})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "levels"
        raise BadInput(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def _said(figure: "Figure") -> str:
    behind = f"{figure.days} days of {figure.seasons} seasons"
    if figure.first is not None:
        behind += f", {figure.first} to {figure.last}"
    problem = f"; not used: {figure.problem}" if figure.problem else ""
    return f"{figure.zone_id or 'all zones'}: {behind}{problem}"
