"""CAP 1.2 (OASIS, July 2010): a bulletin's day and a warning as alerts for programs.

A bulletin has an `info` block of each grade in each language, with the zones that have it; a warning one of its zone.
Grades and signals are two scales: a bulletin's severity comes of the grade, a warning's of its colour. What a national
profile asks for beyond the standard stands in the config.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from firewatch import i18n
from firewatch.bulletins.content import NO_DATA, Document, Kind
from firewatch.bulletins.wording import day_name, grade_name
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.bulletins import Cap
from firewatch.warnings.models import Action, Signal, WarningState, ZoneWarning

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
LANGUAGE: Final = {"zh": "zh-CN", "en": "en-GB"}
BY_GRADE: Final = {NO_DATA: "Unknown", 1: "Minor", 2: "Minor", 3: "Moderate", 4: "Severe", 5: "Extreme"}
BY_SIGNAL: Final = {
    Signal.RED: "Extreme",
    Signal.ORANGE: "Severe",
    Signal.YELLOW: "Moderate",
    Signal.BLUE: "Minor",
}


@dataclass(frozen=True)
class Sender:
    """Who speaks: an identifier as the profile wants it, the address of the pages, whether it is only an exercise."""

    rules: Cap
    base: str
    exercise: bool
    zones: Sequence[Zone]

    @property
    def name(self) -> str:
        """The sender's identifier: a name of the internet, without spaces, commas, `<` or `&`."""
        return self.rules.sender


@dataclass(frozen=True)
class _Info:
    """One block of an alert, in one language."""

    lang: str
    event: str
    severity: str
    certainty: str
    urgency: str
    since: datetime
    until: datetime
    by: str
    headline: str
    text: str
    advice: str
    web: str
    code: str
    parameters: Mapping[str, str]
    zones: Sequence[tuple[str, str]]
    """Id and name."""


def bulletin(document: Document, sender: Sender, previous: Sequence[tuple[int, datetime]] = ()) -> bytes:
    """Return a bulletin's alert. `previous` are the earlier versions of the day: number and when they were issued."""
    sent = document.issued_at or document.content.valid_from
    tz = ZoneInfo(document.time_zone)
    kind = "Cancel" if document.kind is Kind.WITHDRAWAL else "Update" if previous else "Alert"
    old = [(_bulletin_id(document, revision), at) for revision, at in previous]
    alert = _alert(sender, _bulletin_id(document, document.revision), sent.astimezone(tz), kind, old)
    for lang in i18n.LANGUAGES:
        for info in _bulletin_infos(document, sender, lang):
            _add(alert, sender, info, tz)
    return _written(alert)


def told_at(row: ZoneWarning) -> datetime | None:
    """Return when a version of a warning was told to the public; None: it never was. What lifts is told as it lifts."""
    lifts = row.action is Action.LIFT and row.state is WarningState.LIFTED
    return row.ended_at if lifts else row.valid_from


def warning(row: ZoneWarning, sender: Sender, tz: ZoneInfo, previous: ZoneWarning | None = None) -> bytes:
    """Return the alert of a told version of a warning; lifting one cancels `previous`, the version it changes."""
    at = told_at(row)
    if at is None:
        raise ValueError("only an issued warning is told")
    kind = "Cancel" if row.signal is None else "Update" if previous else "Alert"
    before = told_at(previous) if previous else None
    old = [(_warning_id(previous), before)] if previous and before else []
    alert = _alert(sender, _warning_id(row), at.astimezone(tz), kind, old)
    bodies = row.signatures or (previous.signatures if previous else [])
    signal = row.signal or row.was or Signal.BLUE
    for lang in i18n.LANGUAGES:
        names = [(zone.id, getattr(zone, f"name_{lang}")) for zone in sender.zones if zone.id == row.zone_id]
        colour = i18n.text(lang, f"signal.{signal}")
        said = i18n.text(lang, f"cap.warning.{kind.lower()}", zone="".join(name for _, name in names), signal=colour)
        info = _Info(
            lang=lang,
            event=i18n.text(lang, "cap.event.warning"),
            severity=BY_SIGNAL[signal] if row.signal else "Minor",
            certainty="Likely",
            urgency="Expected" if row.signal else "Past",
            since=at,
            until=max(row.valid_to or at, at),
            by=i18n.text(lang, "bulletin.list").join(each[lang] for each in bodies),
            headline=said,
            text=" ".join(part for part in (said, row.remark) if part),
            advice=i18n.text(lang, "cap.advice"),
            web=f"{sender.base}/bulletins",
            code=sender.rules.warning_code,
            parameters={"signal": str(signal)},
            zones=names,
        )
        _add(alert, sender, info, tz)
    return _written(alert)


def _bulletin_id(document: Document, revision: int) -> str:
    return f"firewatch.bulletin.{document.content.on}.{revision}"


def _warning_id(row: ZoneWarning) -> str:
    return f"firewatch.warning.{row.id}"


def _bulletin_infos(document: Document, sender: Sender, lang: str) -> Iterator[_Info]:
    content, texts = document.content, document.texts[lang]
    over = document.kind is Kind.WITHDRAWAL
    for grade in (5, 4, 3, 2, 1, NO_DATA):
        zones = [(zone.id, getattr(zone, f"name_{lang}")) for zone in content.graded(grade)]
        if not zones:
            continue
        named = grade_name(lang, content.scheme, grade)
        day = day_name(content.days[0], lang)
        yield _Info(
            lang=lang,
            event=i18n.text(lang, "cap.event.bulletin"),
            severity=BY_GRADE[grade],
            certainty="Unknown" if grade == NO_DATA else "Likely",
            urgency="Past" if over else "Future",
            since=content.valid_from,
            until=content.valid_to,
            by=i18n.text(lang, "bulletin.list").join(each[lang] for each in document.issuers),
            headline=i18n.text(lang, "cap.headline", day=day, grade=named),
            text=document.note.get(lang, "") if over else f"{texts.danger} {texts.weather}",
            advice=texts.advice,
            web=f"{sender.base}/bulletins/{content.on}",
            code=sender.rules.bulletin_code,
            parameters={"dangerGrade": str(grade) if grade else "none", "scheme": content.scheme},
            zones=zones,
        )


def _alert(sender: Sender, name: str, sent: datetime, kind: str, old: Sequence[tuple[str, datetime]]) -> ET.Element:
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _put(alert, "identifier", name)
    _put(alert, "sender", sender.name)
    _put(alert, "sent", _time(sent))
    _put(alert, "status", "Exercise" if sender.exercise else "Actual")
    _put(alert, "msgType", kind)
    _put(alert, "scope", "Public")
    for code in sender.rules.codes:
        _put(alert, "code", code)
    if old:
        told = (f"{sender.name},{each},{_time(at.astimezone(sent.tzinfo))}" for each, at in old)
        _put(alert, "references", " ".join(told))
    return alert


def _add(alert: ET.Element, sender: Sender, info: _Info, tz: ZoneInfo) -> None:
    block = ET.SubElement(alert, "info")
    _put(block, "language", LANGUAGE[info.lang])
    _put(block, "category", "Fire")
    _put(block, "event", info.event)
    for name, text in (("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty)):
        _put(block, name, text)
    if info.code:
        _pair(block, "eventCode", sender.rules.code_name, info.code)
    for name, at in (("effective", info.since), ("onset", info.since), ("expires", info.until)):
        _put(block, name, _time(at.astimezone(tz)))
    _put(block, "senderName", info.by)
    _put(block, "headline", info.headline)
    _put(block, "description", info.text)
    _put(block, "instruction", info.advice)
    _put(block, "web", info.web)
    for name, text in info.parameters.items():
        _pair(block, "parameter", name, text)
    outlines = {zone.id: zone for zone in sender.zones}
    for zone_id, name in info.zones:
        area = ET.SubElement(block, "area")
        _put(area, "areaDesc", name)
        for rings in outlines[zone_id].polygons if zone_id in outlines else ():
            _put(area, "polygon", " ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in _closed(rings[0])))
        _pair(area, "geocode", sender.rules.zone_code_name, sender.rules.zone_codes.get(zone_id, zone_id))


def _closed(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return list(ring) if ring[0] == ring[-1] else [*ring, ring[0]]


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _pair(parent: ET.Element, name: str, what: str, value: str) -> None:
    pair = ET.SubElement(parent, name)
    _put(pair, "valueName", what)
    _put(pair, "value", value)


def _time(at: datetime) -> str:
    """Return an instant as CAP wants it: whole seconds and the offset in figures, never a Z."""
    return at.isoformat(timespec="seconds").replace("Z", "-00:00")


def _written(alert: ET.Element) -> bytes:
    ET.indent(alert)
    written: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return written
