"""`firewatch bulletin`: a day's bulletin, or what became of a week or a season, as files, without a server."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add, day
from firewatch.errors import BadInput, NotFound

if TYPE_CHECKING:
    from firewatch.web.published.forms import Asked

NO_ADDRESS = "https://firewatch.example"
"""Stands for the public address where the environment names none."""


def register(commands: Commands) -> None:
    """Add bulletin."""
    bulletin = add(commands, "bulletin", _bulletin, "write a day's bulletin, or the summary of a week or a season")
    which = bulletin.add_mutually_exclusive_group(required=True)
    which.add_argument("--on", type=day, metavar="DATE", help="day of issue, YYYY-MM-DD: all its forms")
    which.add_argument("--week", metavar="WEEK", help="a week, YYYY-Www: its summary as PDF and JSON")
    which.add_argument("--season", metavar="YEAR", help="a season by the year it begins in: the same")
    bulletin.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to; made if need be")
    bulletin.add_argument("--lang", choices=("zh", "en"), help="only this language; default: both")
    bulletin.add_argument("--draft", action="store_true", help="with --on: the draft that waits, marked as such")


def _bulletin(given: argparse.Namespace) -> int:
    from firewatch.i18n import LANGUAGES

    languages = LANGUAGES if given.lang is None else (given.lang,)
    if given.draft and given.on is None:
        raise BadInput("--draft: goes with --on")
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for name, data in _day_files(given, languages) if given.on else _summary_files(given, languages):
            (given.out / name).write_bytes(data)
            print(given.out / name)
    except OSError as error:
        raise BadInput(f"{given.out}: cannot be written: {error.strerror}") from None
    return 0


def _day_files(given: argparse.Namespace, languages: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    from firewatch.web.published.forms import FORMS

    for asked in _asked(given.on, languages, draft=given.draft):
        for suffix, form in FORMS.items():
            yield f"{given.on}{f'.{asked.lang}' if form.by_language else ''}.{suffix}", form.make(asked)


def _summary_files(given: argparse.Namespace, languages: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    from firewatch.bulletins import review
    from firewatch.run import named_parts
    from firewatch.web.published.summary_forms import SUMMARY_FORMS

    parts = named_parts()
    try:
        period = review.week_named(given.week) if given.week else review.season_named(parts.book, given.season)
        with parts.db.read() as session:
            facts = review.review(session, parts.clock.now(), parts.book, period)
    finally:
        parts.db.dispose()
    for lang in languages:
        for suffix, form in SUMMARY_FORMS.items():
            ending = f".{lang}" if form.by_language else ""
            yield f"{period.kind}-{period.name}{ending}.{suffix}", form.make(facts, lang)


def _asked(on: date, languages: Sequence[str], *, draft: bool) -> "list[Asked]":
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
