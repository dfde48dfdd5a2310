"""Bulletins as their pages show them: the published document with its map, the archive, the desk of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup
from sqlmodel import Session

from firewatch.bulletins import record, release
from firewatch.bulletins.content import EDITABLE, Document, Texts, ZonePart
from firewatch.bulletins.models import Bulletin, BulletinStep, Kind
from firewatch.bulletins.wording import day_name, grade_name, when
from firewatch.clock import local_day
from firewatch.i18n import LANGUAGES
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.published import picture

ARCHIVE_DAYS = 400


@dataclass(frozen=True)
class ZoneRow:
    """A zone's line of the table: its grade of each day as number and name, its step since the bulletin before."""

    name: str
    days: Sequence[tuple[int, str]]
    was: int | None
    signal: str


@dataclass(frozen=True)
class DocumentView:
    """A bulletin in the reader's language."""

    document: Document
    texts: Texts
    lang: str
    days: Sequence[str]
    valid: tuple[str, str]
    """Since when and until when."""
    issued: str
    """When; empty for a draft."""
    zones: Sequence[ZoneRow]
    map: Markup
    withdrawn: bool
    note: str
    title: str
    alliance: str
    issuers: Sequence[str]
    distribution: Sequence[str]


@dataclass(frozen=True)
class ArchiveRow:
    """A day that has a bulletin."""

    on: date
    day: str
    number: int
    year: int
    highest: int
    grade: str
    kind: Kind


@dataclass(frozen=True)
class Search:
    """Which days of the archive are asked for; `grade` is the lowest highest grade, empty: any."""

    since: date | None = None
    until: date | None = None
    grade: str = ""


@dataclass(frozen=True)
class ArchiveView:
    """What was published, and for officers what waits."""

    asked: Search

    rows: Sequence[ArchiveRow]
    waiting: Sequence[Bulletin]
    today: date
    may_draw: bool
    """Today has neither a bulletin nor a draft."""


@dataclass(frozen=True)
class DeskView:
    """A day at the desk: the draft as it would be published, beside what the rules wrote; or what is issued."""

    on: date
    draft: Bulletin | None
    issued: Bulletin | None
    shown: DocumentView | None
    editable: Sequence[tuple[str, str, str, str]]
    """Language, part, the text now, the text as the rules wrote it."""
    versions: Sequence[tuple[Bulletin, Sequence[BulletinStep]]]
    names: Names
    error: str
    """What is wrong with the form; empty: nothing."""


def published(page: Page, document: Document) -> DocumentView:
    """Return a document in the reader's language, its map drawn from the same facts."""
    speech, content = page.speech, document.content
    tz = page.services.book.alliance.tz
    return DocumentView(
        document=document,
        texts=document.texts[speech.lang],
        lang=speech.lang,
        days=[day_name(on, speech.lang) for on in content.days],
        valid=(when(content.valid_from, speech.lang, tz), when(content.valid_to, speech.lang, tz)),
        issued=when(document.issued_at, speech.lang, tz) if document.issued_at else "",
        zones=[_zone(speech, content.scheme, zone) for zone in content.zones],
        map=picture.drawn(document, page.services.book.zones, speech.lang),
        withdrawn=document.kind is Kind.WITHDRAWAL,
        note=document.note.get(speech.lang, ""),
        title=document.title[speech.lang],
        alliance=document.alliance[speech.lang],
        issuers=[body[speech.lang] for body in document.issuers],
        distribution=[body[speech.lang] for body in document.distribution],
    )


def archive(session: Session, page: Page, asked: Search) -> ArchiveView:
    """Read what was published on the days asked for, else in the last ones."""
    speech, today = page.speech, local_day(page.speech.now, page.services.book.alliance.tz)
    until = asked.until or today
    rows = record.archive(session, asked.since or until - timedelta(days=ARCHIVE_DAYS), until)
    found = [_archived(speech, row) for row in rows]
    return ArchiveView(
        asked=asked,
        rows=[row for row in found if row.highest >= int(asked.grade or 0)],
        waiting=record.drafts(session),
        today=today,
        may_draw=record.issued(session, today) is None and record.draft(session, today) is None,
    )


def desk(session: Session, page: Page, on: date, error: str, typed: Mapping[str, Mapping[str, str]] | None) -> DeskView:
    """Read a day; `typed` are texts that could not be kept."""
    waits, issued = record.draft(session, on), record.issued(session, on)
    shown = waits or issued
    versions = record.versions(session, on)
    steps = record.steps(session, [record.number_of(row) for row in versions])
    document = release.document(session, page.services.book, shown) if shown is waits and shown else None
    if document is None and issued is not None:
        document = record.published(issued)
    return DeskView(
        on=on,
        draft=waits,
        issued=issued,
        shown=published(page, document) if document else None,
        editable=_editable(waits, typed or {}) if waits else [],
        versions=[(row, steps[record.number_of(row)]) for row in versions],
        names=load_names(session, page.services.book, page.speech),
        error=error,
    )


def _editable(row: Bulletin, typed: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str, str]]:
    return [
        (lang, part, typed.get(lang, {}).get(part, row.texts[lang][part]), row.drafted[lang][part])
        for lang in LANGUAGES
        for part in EDITABLE
    ]


def _archived(speech: Speech, row: Bulletin) -> ArchiveRow:
    document = record.published(row)
    content = document.content
    return ArchiveRow(
        on=row.on,
        day=speech.day(row.on),
        number=document.number,
        year=document.year,
        highest=content.highest,
        grade=grade_name(speech.lang, content.scheme, content.highest),
        kind=document.kind,
    )


def _zone(speech: Speech, scheme: str, zone: ZonePart) -> ZoneRow:
    return ZoneRow(
        name=getattr(zone, f"name_{speech.lang}"),
        days=[(day.grade, grade_name(speech.lang, scheme, day.grade)) for day in zone.days],
        was=zone.was,
        signal=zone.signal or "",
    )
