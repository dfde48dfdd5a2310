"""The duty roster as its pages show it: who is on duty at each agency, and an agency's week with its shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session

from firewatch.access.permissions import may_act, may_change, require_to_change
from firewatch.agencies import shifts
from firewatch.agencies.duty import Roster
from firewatch.agencies.gaps import AHEAD, Stretch, gaps, stretches
from firewatch.agencies.models import Agency, Contact, DatedShift, RosterChange
from firewatch.agencies.roster import active_agencies, rosters
from firewatch.agencies.spans import Span, Wrong
from firewatch.clock import local_day
from firewatch.errors import NotFound
from firewatch.i18n import local_time
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names

EMPTY: Final = Roster((), (), ())


@dataclass(frozen=True)
class ShiftForm:
    """The form of a shift as it was filled in; without `shift_id` it is a new one. `errors` are catalogue keys."""

    shift_id: int | None = None
    values: Mapping[str, str] = field(default_factory=lambda: {"contact": "", "from": "", "to": ""})
    errors: Mapping[str, str] = field(default_factory=dict)
    wrong: Wrong | None = None
    """What does not hold of the shift as a whole."""


@dataclass(frozen=True)
class AgencyRow:
    """An agency: who is on duty there now, whether by a dated shift, and the gaps of the days ahead."""

    id: str
    name: str
    own: bool
    on_duty: Sequence[str]
    by_roster: bool
    gaps: Sequence[str]


@dataclass(frozen=True)
class Line:
    """A part of a day with the same people on duty; nobody is a gap."""

    when: str
    who: Sequence[str]
    by_roster: bool
    is_gap: bool


@dataclass(frozen=True)
class DayRow:
    """A day of the week that is shown."""

    name: str
    is_today: bool
    lines: Sequence[Line]


@dataclass(frozen=True)
class ShiftRow:
    """A dated shift that has a part in the week."""

    id: int
    when: str
    who: str
    role: str
    is_running: bool


@dataclass(frozen=True)
class WeekView:
    """An agency's week."""

    agency: AgencyRow
    agencies: Sequence[tuple[str, str]]
    monday: date
    sunday: date
    earlier: date
    later: date
    this_week: date
    days: Sequence[DayRow]
    shifts: Sequence[ShiftRow]
    people: Sequence[Contact]
    form: ShiftForm
    problem: str
    """Why what was asked for was not done; empty when it was."""
    last: RosterChange | None
    last_said: str
    last_by: str


def overview(session: Session, page: Page) -> list[AgencyRow]:
    """Read who is on duty at every agency, the one that the reader acts for first."""
    now = page.services.clock.now()
    found, names = rosters(session, now, now + AHEAD), load_names(session, page.services.book, page.speech)
    mine = page.visitor.agency_id if page.visitor else None
    agencies = sorted(active_agencies(session), key=lambda agency: (agency.id != mine, agency.id))
    return [_agency(page, names, agency, found.get(agency.id, EMPTY)) for agency in agencies]


def with_gaps(session: Session, page: Page) -> list[AgencyRow]:
    """Return the agencies with gaps in the days ahead."""
    return [row for row in overview(session, page) if row.gaps]


def week(
    session: Session, page: Page, agency_id: str, monday: date, form: ShiftForm | None = None, problem: str = ""
) -> WeekView:
    """Read an agency's week. Raises NotFound for no agency of ours."""
    agencies, speech, now = active_agencies(session), page.speech, page.services.clock.now()
    agency = find_agency(agencies, agency_id)
    start, end = midnight(monday, speech), midnight(monday + timedelta(days=7), speech)
    # One reading for the week that is shown and the days ahead.
    roster = rosters(session, min(start, now), max(end, now + AHEAD)).get(agency_id, EMPTY)
    names, form = load_names(session, page.services.book, speech), form or ShiftForm()
    last = shifts.newest(session, agency_id)
    return WeekView(
        agency=_agency(page, names, agency, roster),
        agencies=[(each.id, speech.named(each)) for each in agencies],
        monday=monday,
        sunday=monday + timedelta(days=6),
        earlier=monday - timedelta(days=7),
        later=monday + timedelta(days=7),
        this_week=monday_of(local_day(now, speech.zone)),
        days=[_day(speech, names, roster, monday + timedelta(days=number)) for number in range(7)],
        shifts=[_shift(speech, roster, each) for each in _in_order(roster.dated) if _is_part(each, start, end)],
        people=shifts.people(session, agency_id),
        form=form,
        problem=problem or (reason(speech, names, form.wrong) if form.wrong else ""),
        last=last,
        last_said="" if last is None else change_said(speech, names, last),
        last_by="" if last is None else names.actor(last.by),
    )


def reason(speech: Speech, names: Names, found: Wrong) -> str:
    """Return why a shift cannot be, in the reader's language."""
    other = said(speech, names, found.other) if found.other else ""
    why = speech.t(f"roster.problem.{found.what}", other=other)
    return speech.t("roster.not_so", shift=said(speech, names, found.span), why=why)


def said(speech: Speech, names: Names, span: Span) -> str:
    """Return a shift in words."""
    return f"{names.contact(span.contact_id)} {stretch(speech, span.from_at, span.to_at)}"


def stretch(speech: Speech, start: datetime, end: datetime) -> str:
    """Return from when until when, the day of the end where it is another."""
    full = "M月d日 HH:mm" if speech.lang == "zh" else "d MMM HH:mm"
    same_day = local_day(start, speech.zone) == local_day(end, speech.zone)
    last = local_time(end, speech.lang, speech.zone, "HH:mm" if same_day else full)
    return f"{local_time(start, speech.lang, speech.zone, full)} – {last}"


def may_edit(page: Page, agency_id: str) -> bool:
    """Return whether the reader may change an agency's roster."""
    visitor, office = page.visitor, page.services.book.alliance.duty_agency
    return visitor is not None and may_act(visitor.role) and may_change(visitor.agency_id, agency_id, office)


def require_to_edit(page: Page, agency_id: str) -> None:
    """Raise Refused for an agency's roster that is not the reader's to change."""
    acts_for = page.visitor.agency_id if page.visitor else None
    require_to_change(acts_for, agency_id, page.services.book.alliance.duty_agency)


def find_agency(agencies: Sequence[Agency], agency_id: str) -> Agency:
    """Return an agency of ours. Raises NotFound."""
    agency = next((each for each in agencies if each.id == agency_id), None)
    if agency is None:
        raise NotFound(f"there is no agency {agency_id}")
    return agency


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def midnight(day: date, speech: Speech) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), speech.zone)


def _agency(page: Page, names: Names, agency: Agency, roster: Roster) -> AgencyRow:
    speech, now = page.speech, page.services.clock.now()
    current = stretches(roster, now, now + timedelta(minutes=1), speech.zone)[0]
    return AgencyRow(
        id=agency.id,
        name=speech.named(agency),
        own=may_edit(page, agency.id),
        on_duty=[names.contact(each) for each in sorted(current.on_duty)],
        by_roster=current.by_roster,
        gaps=[stretch(speech, *gap) for gap in gaps(roster, now, now + AHEAD, speech.zone)],
    )


def _day(speech: Speech, names: Names, roster: Roster, day: date) -> DayRow:
    start, end = midnight(day, speech), midnight(day + timedelta(days=1), speech)
    return DayRow(
        name=local_time(start, speech.lang, speech.zone, "M月d日 EEE" if speech.lang == "zh" else "EEE d MMM"),
        is_today=day == local_day(speech.now, speech.zone),
        lines=[_line(speech, names, each, end) for each in stretches(roster, start, end, speech.zone)],
    )


def _line(speech: Speech, names: Names, each: Stretch, end: datetime) -> Line:
    until = "24:00" if each.to_at == end else local_time(each.to_at, speech.lang, speech.zone, "HH:mm")
    return Line(
        when=f"{local_time(each.from_at, speech.lang, speech.zone, 'HH:mm')}–{until}",
        who=[names.contact(person) for person in sorted(each.on_duty)],
        by_roster=each.by_roster,
        is_gap=each.is_gap,
    )


def _in_order(dated: Sequence[DatedShift]) -> list[DatedShift]:
    """Return shifts, which stand by person, by time."""
    return sorted(dated, key=shifts.span_of)


def _is_part(shift: DatedShift, start: datetime, end: datetime) -> bool:
    return shift.from_at < end and shift.to_at > start


def _shift(speech: Speech, roster: Roster, row: DatedShift) -> ShiftRow:
    person = next(each for each in roster.people if each.id == row.contact_id)
    return ShiftRow(
        id=row.id or 0,
        when=stretch(speech, row.from_at, row.to_at),
        who=speech.named(person),
        role=speech.word("contact_role", person.role),
        is_running=row.from_at <= speech.now < row.to_at,
    )


def change_said(speech: Speech, names: Names, change: RosterChange) -> str:
    """Return what a change did: the shifts themselves when they are few, else how many."""
    parts = []
    for sign, kept in (("−", change.removed), ("+", change.added)):
        listed = [said(speech, names, Span.of_json(each)) for each in kept]
        parts += [f"{sign} {each}" for each in listed] if len(listed) <= 2 else [f"{sign} {len(listed)}"]
    what = speech.t("bulletin.semicolon").join(parts)
    return speech.t("point.pair", name=speech.word("roster_deed", change.what), what=what)
