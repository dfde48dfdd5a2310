"""`firewatch messages`: what texts look like before anybody needs one."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add, group

if TYPE_CHECKING:
    from firewatch.messaging.worst_case import Tried


def register(commands: Commands) -> None:
    """Add messages."""
    messages = group(commands, "messages", "texts to people", "ACTION")
    preview = add(
        messages,
        "preview",
        _preview,
        "every text as long as it gets, as it is and as one of a drill, with its segments; exit status 1 if one needs "
        "more than two",
    )
    preview.add_argument("--lang", choices=("zh", "en"), help="only this language; default: both")
    preview.add_argument("--json", action="store_true", help="write JSON instead of text")


def _preview(given: argparse.Namespace) -> int:
    from firewatch.i18n import LANGUAGES
    from firewatch.messaging.worst_case import tried
    from firewatch.run import named_link_base, named_rulebook

    langs = LANGUAGES if given.lang is None else (given.lang,)
    book, base = named_rulebook(), named_link_base()
    rows = [row for drill in (False, True) for row in tried(book, langs, base, drill=drill)]
    _say_json(rows) if given.json else _say(rows)
    return 0 if all(row.fits for row in rows) else 1


def _say_json(rows: Sequence["Tried"]) -> None:
    listed = [
        {
            "template": row.template,
            "lang": row.lang,
            "names": row.names,
            "drill": row.drill,
            "segments": row.segments,
            "encoding": _encoding(row),
            "characters": len(row.body),
            "cut": row.is_cut,
            "fits": row.fits,
            "body": row.body,
        }
        for row in rows
    ]
    print(json.dumps(listed, ensure_ascii=False, indent=2))


def _say(rows: Sequence["Tried"]) -> None:
    names = {"own": "longest own names", "limit": "longest names allowed"}
    for row in rows:
        cut, fits = ", cut" if row.is_cut else "", "" if row.fits else "  TOO LONG"
        size = f"{row.segments} segments {_encoding(row)}, {len(row.body)} characters{cut}"
        drill = ", of a drill" if row.drill else ""
        print(f"{row.template}  {row.lang}  {names[row.names]}{drill}: {size}{fits}\n    {row.body}")
    bad = sum(not row.fits for row in rows)
    print(f"\n{len(rows)} texts, {bad} of more than two segments")


def _encoding(row: "Tried") -> str:
    return "GSM-7" if row.is_gsm else "UCS-2"
