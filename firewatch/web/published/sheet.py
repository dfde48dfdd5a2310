"""What stands on a bulletin's sheets, in one language: the words and figures that Typst sets."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from firewatch import i18n
from firewatch.bulletins.content import Document, Kind
from firewatch.bulletins.wording import day_name, grade_name, when
from firewatch.rulebook.alliance import Zone
from firewatch.web.published import picture

SECTIONS = ("weather", "grades", "changes", "outlook", "hotspots", "advice", "notes")


def sheet(document: Document, zones: Sequence[Zone], lang: str) -> tuple[dict[str, object], str]:
    """Return the data of a sheet, ready for JSON, and the map as SVG. Texts are those of the document."""
    content, texts, tz = document.content, document.texts[lang], ZoneInfo(document.time_zone)
    on = content.on
    signed = {"prepared": document.prepared, "checked": document.checked or "—", "signed": document.signed or "—"}
    bodies = _joined(lang, [each[lang] for each in document.distribution])
    data: dict[str, object] = {
        "lang": lang,
        "region": "cn" if lang == "zh" else "gb",
        "title": document.title[lang],
        "day": on.isoformat(),
        "date": [on.year, on.month, on.day],
        "alliance": document.alliance[lang],
        "issuers": [each[lang] for each in document.issuers],
        "joiner": i18n.text(lang, "bulletin.list"),
        "number": _number(document, lang),
        "short": i18n.text(lang, "bulletins.short", year=document.year, number=document.number),
        "valid": i18n.text(
            lang, "bulletins.valid", since=when(content.valid_from, lang, tz), until=when(content.valid_to, lang, tz)
        ),
        "marks": _marks(document, lang),
        "whole": document.kind is not Kind.WITHDRAWAL,
        "words": {each: i18n.text(lang, f"bulletins.{each}") for each in SECTIONS}
        | {"zone": i18n.text(lang, "grades.zone")},
        "texts": texts.model_dump(mode="json"),
        "days": [day_name(day, lang) for day in content.days],
        "zones": [
            {
                "name": getattr(zone, f"name_{lang}"),
                "days": [[day.grade, grade_name(lang, content.scheme, day.grade)] for day in zone.days],
            }
            for zone in content.zones
        ],
        "map_title": picture.title(document, lang),
        "signatures": i18n.text(lang, "bulletins.signatures", **signed),
        "issued": i18n.text(lang, "bulletins.issued_at", time=when(document.issued_at, lang, tz))
        if document.issued_at
        else "",
        "distribution": i18n.text(lang, "bulletins.distribution", bodies=bodies) if bodies else "",
    }
    return data, picture.picture(document, zones, lang)


def _joined(lang: str, names: Sequence[str]) -> str:
    return i18n.text(lang, "bulletin.list").join(names)


def _number(document: Document, lang: str) -> str:
    number = i18n.text(lang, "bulletins.number", year=document.year, number=document.number, running=document.running)
    revision = i18n.text(lang, "bulletins.revision", revision=document.revision) if document.revision > 1 else ""
    return " · ".join(part for part in (number, revision) if part)


def _marks(document: Document, lang: str) -> list[str]:
    """Return what is to be said before all else: a draft, a correction, a withdrawal."""
    marks = [i18n.text(lang, "bulletins.is_draft")] if document.issued_at is None else []
    key = {Kind.CORRECTION: "bulletins.corrected", Kind.WITHDRAWAL: "bulletins.withdrawn"}.get(document.kind)
    return marks + ([i18n.text(lang, key, note=document.note.get(lang, ""))] if key else [])
