"""`firewatch nightsheet`: the sheet for a night without the machine, now, without a server."""

import argparse
from dataclasses import replace
from pathlib import Path

from firewatch.commands.parsing import Commands, add


def register(commands: Commands) -> None:
    """Add nightsheet."""
    sheet = add(commands, "nightsheet", _nightsheet, "write the sheet for a night without the machine: HTML and PDF")
    sheet.add_argument("--out", type=Path, metavar="DIR", help="where to; default: where the service writes it")
    sheet.add_argument("--lang", choices=("zh", "en"), help="default: FIREWATCH_LANGUAGE")


def _nightsheet(given: argparse.Namespace) -> int:
    from firewatch.app import make_night_sheets
    from firewatch.run import named_parts
    from firewatch.web.night.folder import FORMS, NAME

    parts = named_parts()
    sheets = make_night_sheets(parts)
    sheets = replace(sheets, folder=given.out or sheets.folder, lang=given.lang or sheets.lang)
    try:
        sheets.write()
    finally:
        parts.db.dispose()
    for suffix in FORMS:
        print(sheets.folder / f"{NAME}.{suffix}")
    return 0
