"""The lists of the days' danger grades, of warnings with all their versions, and of the bulletins that were issued."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from firewatch.bulletins import record as bulletins_record
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.bulletins.models import Kind as BulletinKind
from firewatch.danger.models import ZoneGrade
from firewatch.warnings.lifecycle import WarningState
from firewatch.warnings.models import Action, Signal, Why, ZoneWarning
from firewatch.web.lists.listing import Column, Kind, Listing
from firewatch.web.lists.reader import Reader
from firewatch.web.lists.sources import Stored, by_grade, by_name, days, in_turn, is_number, named


def grades(reader: Reader) -> Listing[ZoneGrade]:
    """Return the list of the grades of all zones and days by the operational scheme."""
    scheme, at = reader.services.book.danger.scheme, ZoneGrade
    names = reader.names
    return Listing(
        name="grades",
        title="lists.grades",
        what="lists.grades.what",
        first="-day",
        dated="day",
        source=Stored(
            reader.session,
            ZoneGrade,
            col(at.id),
            has=lambda word: or_(
                col(at.zone_id).in_([*named(reader.zones, word), word]),
                *days(at.on, word),
            ),
            at=col(at.on),
            only=[col(at.scheme) == scheme],
        ),
        columns=[
            Column("day", "bulletins.day", lambda row: row.on, Kind.DAY, col(at.on)),
            Column("zone", "grades.zone", lambda row: names.zone(row.zone_id), order=by_name(at.zone_id, names.zones)),
            Column(
                "grade",
                "grades.grade",
                lambda row: row.grade or None,
                Kind.NUMBER,
                by_grade(at.grade),
                shown=lambda row: reader.zone_grade(scheme, row),
                css=lambda row: f"grade g{row.grade}",
            ),
            Column("value", "lists.value", lambda row: row.value, Kind.NUMBER, col(at.value), decimals=1),
            Column("mean", "grades.mean", lambda row: row.mean, Kind.NUMBER, col(at.mean), decimals=1),
            Column("remarks", "grades.remarks", lambda row: "; ".join(reader.speech.flags(row.flags)) or None),
            Column("provisional", "grades.provisional", lambda row: reader.yes_no(yes=row.provisional), on_page=False),
            Column("assessed", "grades.assessed", lambda row: row.assessed_at, Kind.TIME, col(at.assessed_at)),
        ],
    )


def warnings(reader: Reader) -> Listing[ZoneWarning]:
    """Return the list of warnings, version by version, without what nobody ever saw to."""
    at, speech = ZoneWarning, reader.speech
    states = reader.words("warning_state", [state for state in WarningState if state is not WarningState.SUPERSEDED])
    return Listing(
        name="warnings",
        title="lists.warnings",
        what="lists.warnings.what",
        first="-drafted",
        link=lambda row: f"/warnings#version-{row.id}",
        label=lambda row: f"{reader.names.zone(row.zone_id)} {reader.signal(row.signal)}",
        states=states,
        dated="drafted",
        source=Stored(
            reader.session,
            ZoneWarning,
            col(at.id),
            has=lambda word: _warning_has(reader, states, word),
            state=lambda state: col(at.state) == state,
            at=col(at.drafted_at),
            zone=speech.zone,
            only=[col(at.state) != WarningState.SUPERSEDED],
        ),
        columns=_warning_columns(reader, states),
    )


def _warning_columns(reader: Reader, states: Mapping[str, str]) -> list[Column[ZoneWarning]]:
    at, speech, names = ZoneWarning, reader.speech, reader.names
    return [
        Column("number", "lists.number", lambda row: row.id, Kind.NUMBER, col(at.id)),
        Column("zone", "grades.zone", lambda row: names.zone(row.zone_id), order=by_name(at.zone_id, names.zones)),
        Column("version", "lists.version", lambda row: row.version, Kind.NUMBER, col(at.version)),
        Column(
            "action",
            "lists.action",
            lambda row: speech.word("warning_action", row.action),
            order=in_turn(at.action, Action),
        ),
        Column("signal", "warnings.signal", lambda row: reader.signal(row.signal), order=in_turn(at.signal, Signal)),
        Column("was", "lists.was", lambda row: reader.signal(row.was), on_page=False),
        Column(
            "state", "lists.state", lambda row: states[row.state], order=in_turn(at.state, WarningState), css="state"
        ),
        Column("grade", "grades.grade", lambda row: row.grade or None, Kind.NUMBER, by_grade(at.grade)),
        Column(
            "why",
            "lists.why",
            lambda row: speech.word("warning_why", row.why),
            order=in_turn(at.why, Why),
            on_page=False,
        ),
        Column("drafted", "lists.drafted_at", lambda row: row.drafted_at, Kind.TIME, col(at.drafted_at)),
        Column("approved_by", "lists.approved_by", lambda row: row.approved_name),
        Column("valid_from", "lists.valid_from", lambda row: row.valid_from, Kind.TIME, col(at.valid_from)),
        Column("valid_to", "warnings.valid_to", lambda row: row.valid_to, Kind.TIME, col(at.valid_to)),
        Column("ended", "lists.ended", lambda row: row.ended_at, Kind.TIME, col(at.ended_at)),
        Column("reason", "warnings.reason", lambda row: row.reason, on_page=False),
    ]


def _warning_has(reader: Reader, states: Mapping[str, str], word: str) -> ColumnElement[bool]:
    signals = reader.words("signal", Signal)
    return or_(
        *is_number(ZoneWarning.id, word),
        col(ZoneWarning.zone_id).in_(named(reader.zones, word)),
        col(ZoneWarning.state).in_(named(states, word)),
        col(ZoneWarning.signal).in_(named(signals, word)),
        col(ZoneWarning.approved_name).icontains(word, autoescape=True),
    )


def bulletins(reader: Reader) -> Listing[Bulletin]:
    """Return the list of the bulletins that were issued, each in its newest version: as public as they are."""
    at = Bulletin
    kinds = reader.words("bulletin_kind", BulletinKind)
    return Listing(
        name="bulletins",
        title="bulletins.archive",
        what="lists.bulletins.what",
        first="-day",
        link=lambda row: f"/bulletins/{row.on}",
        label=lambda row: f"{kinds[row.kind]} {reader.speech.day(row.on)}",
        states=kinds,
        dated="day",
        source=Stored(
            reader.session,
            Bulletin,
            col(at.id),
            has=lambda word: or_(*is_number(at.number, word), *days(at.on, word), col(at.kind).in_(named(kinds, word))),
            state=lambda kind: col(at.kind) == kind,
            at=col(at.on),
            only=[col(at.state) == BulletinState.ISSUED],
        ),
        columns=[
            Column("day", "bulletins.day", lambda row: row.on, Kind.DAY, col(at.on)),
            Column("number", "bulletins.issue", lambda row: row.number, Kind.NUMBER, col(at.number)),
            Column("kind", "lists.kind", lambda row: kinds[row.kind], order=in_turn(at.kind, BulletinKind)),
            Column("revision", "lists.version", lambda row: row.revision, Kind.NUMBER, col(at.revision)),
            Column(
                "highest",
                "bulletins.highest",
                _highest,
                Kind.NUMBER,
                shown=lambda row: reader.grade(_scheme(row), _highest(row)),
                css=lambda row: f"grade g{_highest(row) or 0}",
            ),
            Column("issued", "lists.issued_at", lambda row: row.issued_at, Kind.TIME, col(at.issued_at)),
        ],
    )


def _highest(row: Bulletin) -> int | None:
    return bulletins_record.published(row).content.highest or None


def _scheme(row: Bulletin) -> str:
    return bulletins_record.published(row).content.scheme
