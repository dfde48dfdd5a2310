"""The warnings as one page shows them: zone by zone, what waits and why, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from firewatch import i18n
from firewatch.clock import day_bounds, local_day
from firewatch.danger.assess import grades_on
from firewatch.danger.models import ZoneGrade
from firewatch.danger.season import in_season, is_out_of_season
from firewatch.messaging import texts as sms
from firewatch.warnings import record, tell
from firewatch.warnings.lifecycle import OPEN
from firewatch.warnings.models import WarningStep, ZoneWarning
from firewatch.warnings.signals import WORSENING, rank
from firewatch.warnings.texts import TEMPLATE
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names

HISTORY = 40
NO_CODE = "######"
"""Stands for the code of a message that is not written yet."""


@dataclass(frozen=True)
class Day:
    """A day of the evidence in words."""

    label: str
    grade: int
    flags: str
    remarks: Sequence[str]


@dataclass(frozen=True)
class Version:
    """A version of a warning with what it rests on and what happened to it."""

    row: ZoneWarning
    zone: str
    days: Sequence[Day]
    steps: Sequence[WarningStep]


@dataclass(frozen=True)
class ZoneRow:
    """A zone now; `blind` tells that its warning rests on no data of today, `over` that its validity has passed."""

    name: str
    grade: ZoneGrade | None
    in_season: bool
    version: Version | None
    waits: bool
    no_data: bool
    blind: bool
    over: bool


@dataclass(frozen=True)
class WarningsView:
    """Everything on the page."""

    waiting: Sequence[Version]
    ids: str
    """Of all that waits."""
    preview: str
    """The message that releasing all of it would send; empty when there is none to be sent."""
    zones: Sequence[ZoneRow]
    in_season: bool
    history: Sequence[Version]
    scheme: str
    names: Names


def build(session: Session, page: Page) -> WarningsView:
    """Read how warnings stand."""
    speech, book = page.speech, page.services.book
    names = load_names(session, book, speech)
    today = local_day(speech.now, book.alliance.tz)
    waiting, in_force = record.waiting(session), record.in_force(session)
    past = record.history(session, HISTORY)
    shown = {record.number_of(row): row for row in (*past, *waiting.values(), *in_force.values())}
    known = _versions(session, speech, names, shown)
    grades = grades_on(session, today, book.danger.scheme)
    zones = [
        _zone_row(
            speech,
            names.zone(zone.id),
            grades.get(zone.id),
            _of(known, in_force.get(zone.id)),
            in_season=in_season(session, book, today, zone.id),
            waits=zone.id in waiting,
        )
        for zone in book.zones
    ]
    open_rows = sorted(waiting.values(), key=lambda row: (-rank(row.signal), row.id))
    return WarningsView(
        waiting=[known[row.id or 0] for row in open_rows],
        ids=",".join(str(row.id) for row in open_rows),
        preview=_preview(page, open_rows),
        zones=zones,
        in_season=any(zone.in_season for zone in zones),
        history=[known[record.number_of(row)] for row in past if row.state not in OPEN],
        scheme=book.danger.scheme,
        names=names,
    )


def _zone_row(
    speech: Speech, name: str, grade: ZoneGrade | None, version: Version | None, *, in_season: bool, waits: bool
) -> ZoneRow:
    no_data = grade is None or (not grade.grade and not is_out_of_season(grade.grade, grade.flags))
    return ZoneRow(
        name=name,
        grade=grade,
        in_season=in_season,
        version=version,
        waits=waits,
        no_data=no_data,
        blind=version is not None and no_data,
        over=version is not None and record.is_over(version.row, speech.now),
    )


def _of(known: Mapping[int, Version], row: ZoneWarning | None) -> Version | None:
    return known[record.number_of(row)] if row else None


def _versions(session: Session, speech: Speech, names: Names, rows: Mapping[int, ZoneWarning]) -> dict[int, Version]:
    steps = record.steps(session, list(rows))
    return {
        number: Version(row, names.zone(row.zone_id), _days(speech, row), steps[number]) for number, row in rows.items()
    }


def _days(speech: Speech, row: ZoneWarning) -> list[Day]:
    pattern = "M月d日" if speech.lang == "zh" else "d MMM"
    days = []
    for day in row.evidence:
        marks = [("warnings.forecast", day["ahead"]), ("grades.provisional", day["provisional"] and not day["ahead"])]
        remarks = [speech.t(key) for key, there in marks if there] + speech.flags(str(day["flags"]))
        start = day_bounds(date.fromisoformat(day["on"]), speech.zone)[0]
        label = i18n.local_time(start, speech.lang, speech.zone, pattern)
        days.append(Day(label, int(day["grade"]), str(day["flags"]), remarks))
    return days


def _preview(page: Page, rows: Sequence[ZoneWarning]) -> str:
    told = [row for row in rows if row.action in WORSENING]
    if not told:
        return ""
    lang, book = page.speech.lang, page.services.book
    lead = sms.drill_lead(TEMPLATE, lang) if page.services.drill else ""
    return sms.render(TEMPLATE, lang, tell.message_params(book, lang, told, page.speech.now, lead), NO_CODE, lead)
