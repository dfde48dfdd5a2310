"""What other programs subscribe to: an Atom feed of bulletins, warnings as a calendar, grades as GeoJSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from firewatch import i18n
from firewatch.bulletins.content import Document, Kind
from firewatch.bulletins.wording import grade_name
from firewatch.rulebook.alliance import Zone
from firewatch.warnings.models import ZoneWarning

ATOM = "http://www.w3.org/2005/Atom"
MAKER = "-//firewatch//warnings//"


def atom(documents: Sequence[Document], base: str, title: str, lang: str, now: datetime) -> bytes:
    """Return the feed of some bulletins (RFC 4287), the newest first; its address is below `base`."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    _put(feed, "id", f"{base}/bulletins.atom")
    _put(feed, "title", title)
    _put(feed, "updated", max((each.issued_at or now for each in documents), default=now).isoformat())
    ET.SubElement(feed, "link", rel="self", href=f"{base}/bulletins.atom?lang={lang}")
    ET.SubElement(feed, "link", rel="alternate", href=f"{base}/bulletins")
    for document in documents:
        address = f"{base}/bulletins/{document.content.on}"
        entry = ET.SubElement(feed, "entry")
        _put(entry, "id", address)
        _put(entry, "title", f"{document.title[lang]} {document.content.on}")
        _put(entry, "updated", (document.issued_at or now).isoformat())
        author = ET.SubElement(entry, "author")
        _put(author, "name", i18n.text(lang, "bulletin.list").join(each[lang] for each in document.issuers))
        ET.SubElement(entry, "link", rel="alternate", href=address)
        ET.SubElement(entry, "link", rel="enclosure", type="application/pdf", href=f"{address}.pdf?lang={lang}")
        _put(entry, "summary", _summary(document, lang))
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _summary(document: Document, lang: str) -> str:
    if document.kind is Kind.WITHDRAWAL:
        return i18n.text(lang, "bulletins.withdrawn", note=document.note.get(lang, ""))
    return f"{document.texts[lang].danger} {document.texts[lang].advice}"


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def calendar(warnings: Sequence[ZoneWarning], zones: Sequence[Zone], base: str, lang: str) -> bytes:
    """Return warnings in force as a calendar (RFC 5545): one event each, from when to when it is valid."""
    names = {zone.id: getattr(zone, f"name_{lang}") for zone in zones}
    made = Calendar()
    made.add("prodid", f"{MAKER}{lang.upper()}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for row in warnings:
        if row.signal is None or row.valid_from is None or row.valid_to is None:
            continue
        event = Event()
        event.add("uid", f"warning-{row.zone_id}-{row.id}@firewatch")
        event.add("dtstamp", row.valid_from.astimezone(UTC))
        event.add("dtstart", row.valid_from.astimezone(UTC))
        event.add("dtend", row.valid_to.astimezone(UTC))
        event.add("sequence", row.version)
        signal = i18n.text(lang, f"signal.{row.signal}")
        event.add(
            "summary", i18n.text(lang, "cap.warning.alert", zone=names.get(row.zone_id, row.zone_id), signal=signal)
        )
        event.add("url", f"{base}/bulletins")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def geojson(document: Document, zones: Sequence[Zone], lang: str) -> str:
    """Return the grades of a bulletin with the outlines of its zones (RFC 7946); grade 0 is "no data"."""
    content, tz = document.content, ZoneInfo(document.time_zone)
    outlines = {zone.id: zone for zone in zones}
    features = [
        {
            "type": "Feature",
            "id": zone.id,
            "geometry": {"type": "MultiPolygon", "coordinates": outlines[zone.id].polygons}
            if zone.id in outlines
            else None,
            "properties": {
                "name": getattr(zone, f"name_{lang}"),
                "grade": zone.grade,
                "word": grade_name(lang, content.scheme, zone.grade),
                "days": [{"on": day.on.isoformat(), "grade": day.grade} for day in zone.days],
                "valid_from": content.valid_from.astimezone(tz).isoformat(),
                "valid_to": content.valid_to.astimezone(tz).isoformat(),
                "withdrawn": document.kind is Kind.WITHDRAWAL,
            },
        }
        for zone in content.zones
    ]
    note = i18n.text(lang, "bulletins.map_note", approval=document.map_approval or "—")
    return json.dumps({"type": "FeatureCollection", "note": note, "features": features}, ensure_ascii=False)
