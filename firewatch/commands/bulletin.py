"""`firewatch bulletin`: a day's bulletin in all its forms, as files, without a server."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add
from firewatch.errors import BadInput, NotFound

if TYPE_CHECKING:
    from firewatch.web.published.forms import Asked

NO_ADDRESS = "https://firewatch.example"
"""Stands for the public address where the environment names none."""


def register(commands: Commands) -> None:
    """Add bulletin."""
    bulletin = add(commands, "bulletin", _bulletin, "write a day's bulletin: PDF, pictures, JSON, CAP, GeoJSON")
    bulletin.add_argument("--on", type=_day, required=True, metavar="DATE", help="day of issue, YYYY-MM-DD")
    bulletin.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to; made if need be")
    bulletin.add_argument("--lang", choices=("zh", "en"), help="only this language; default: both")
    bulletin.add_argument("--draft", action="store_true", help="the draft that waits, marked as such")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day: write YYYY-MM-DD") from None


def _bulletin(given: argparse.Namespace) -> int:
    from firewatch.i18n import LANGUAGES
    from firewatch.web.published.forms import FORMS

    written = 0
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for asked in _asked(given.on, LANGUAGES if given.lang is None else (given.lang,), draft=given.draft):
            for suffix, form in FORMS.items():
                file = given.out / f"{given.on}{f'.{asked.lang}' if form.by_language else ''}.{suffix}"
                file.write_bytes(form.make(asked))
                print(file)
                written += 1
    except OSError as error:
        raise BadInput(f"{given.out}: cannot be written: {error.strerror}") from None
    return 0 if written else 1


def _asked(on: date, languages: tuple[str, ...], *, draft: bool) -> "list[Asked]":
    from firewatch.bulletins import record, release
    from firewatch.run import named_link_base, named_parts
    from firewatch.web.published import cap
    from firewatch.web.published.forms import Asked, earlier

    parts = named_parts()
    book = parts.book
    exercise = book.alliance.demonstration or parts.settings.replay is not None
    sender = cap.Sender(book.bulletins.cap, named_link_base() or NO_ADDRESS, exercise, book.zones)
    try:
        with parts.db.read() as session:
            row = record.draft(session, on) if draft else record.issued(session, on)
            if row is None:
                raise NotFound(f"there is no {'draft of a ' if draft else ''}bulletin of {on}")
            document = release.document(session, book, row) if draft else record.published(row)
            previous = earlier(record.versions(session, on), document.revision)
    finally:
        parts.db.dispose()
    return [Asked(document, sender, lang, previous) for lang in languages]
