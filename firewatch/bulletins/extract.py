"""What a bulletin says of some zones, in a letter and in a text; and to whom it is worth sending. Pure.

A zone without data may be in any danger: a day on which a chosen zone has none is never below anybody's lowest grade.
Who was told of a day is told when that is corrected or withdrawn, whatever the grades are then: what he has read is no
longer true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from firewatch import i18n
from firewatch.bulletins.content import NO_DATA, Document, Kind, ZonePart
from firewatch.bulletins.wording import day_name, grade_name, when
from firewatch.messaging import texts
from firewatch.messaging.channels import Letter
from firewatch.subscribers import letters

GRADES: Final = (5, 4, 3, 2, 1, NO_DATA)
TEMPLATES: Final = {
    Kind.ISSUE: "sms.digest",
    Kind.CORRECTION: "sms.digest_corrected",
    Kind.WITHDRAWAL: "sms.digest_withdrawn",
}


@dataclass(frozen=True)
class Extract:
    """A bulletin, and the zones of it that somebody asked for."""

    document: Document
    zones: Sequence[ZonePart]

    @property
    def highest(self) -> int:
        """The highest grade of the zones on the day of the bulletin; 0 when none has one."""
        return max((zone.grade for zone in self.zones), default=NO_DATA)

    @property
    def has_gap(self) -> bool:
        """Whether a zone has no data."""
        return any(zone.grade == NO_DATA for zone in self.zones)

    def of(self, grade: int) -> list[ZonePart]:
        """Return the zones with a grade."""
        return [zone for zone in self.zones if zone.grade == grade]


def extract(document: Document, zones: Sequence[str]) -> Extract:
    """Return a bulletin's part on some zones, by their ids; without any of them it is all there are."""
    chosen = [zone for zone in document.content.zones if zone.id in zones]
    return Extract(document, chosen or document.content.zones)


def is_due(part: Extract, min_grade: int, *, told_before: bool) -> bool:
    """Return whether somebody is told; `told_before`: of an earlier version of the day."""
    if told_before:
        return True
    if part.document.kind is Kind.WITHDRAWAL:
        return False
    return part.highest >= min_grade or part.has_gap


def letter(part: Extract, lang: str, base: str | None, leave: str | None) -> tuple[str, Letter]:
    """Return the plain text of a digest and what goes with it; links lie below `base`, `leave` ends it."""
    blocks = list(_blocks(part, lang, base, leave))
    return letters.plain(lang, blocks), letters.letter(lang, subject(part, lang), blocks, leave)


def subject(part: Extract, lang: str) -> str:
    """Return what a letter is about: the day, and the highest grade of its zones."""
    document = part.document
    day = day_name(document.content.days[0], lang)
    grade = grade_name(lang, document.content.scheme, part.highest)
    if part.has_gap and part.highest != NO_DATA:
        grade = i18n.text(lang, "digest.and_gap", grade=grade)
    return i18n.text(lang, f"digest.subject.{document.kind}", day=day, grade=grade)


def sms(part: Extract, lang: str, *, two_way: bool) -> tuple[str, dict[str, str]]:
    """Return the template of a text and what it needs: as much as one segment holds, else as two do.

    The longest form that fits is taken: zones by grade with its word, without, and how many zones have each grade.
    """
    document = part.document
    given = {
        "day": day_name(document.content.days[0], lang),
        "leave": i18n.text(lang, "digest.by_text") if two_way else "",
    }
    template = TEMPLATES[document.kind]
    if document.kind is Kind.WITHDRAWAL:
        return template, given
    forms = [{**given, "grades": grades} for grades in (_named(part, lang, True), _named(part, lang, False))]
    forms.append({**given, "grades": _counted(part, lang)})
    for most in range(1, texts.MAX_SEGMENTS + 1):
        for form in forms[:-1]:
            if texts.segments(texts.whole(template, lang, form, "0" * 6)) <= most:
                return template, form
    return template, forms[-1]


def _named(part: Extract, lang: str, words: bool) -> str:
    told = []
    for grade in GRADES:
        if zones := part.of(grade):
            names = i18n.text(lang, "bulletin.list").join(getattr(zone, f"name_{lang}") for zone in zones)
            told.append(i18n.text(lang, "digest.zones", grade=_grade(part, lang, grade, words), zones=names))
    return i18n.text(lang, "digest.semicolon").join(told)


def _counted(part: Extract, lang: str) -> str:
    counts = [(grade, len(part.of(grade))) for grade in GRADES]
    told = [
        i18n.text(lang, "digest.count", grade=_grade(part, lang, grade, False), count=count)
        for grade, count in counts
        if count
    ]
    return i18n.text(lang, "digest.semicolon").join(told)


def _grade(part: Extract, lang: str, grade: int, words: bool) -> str:
    """Return a grade with its word, or by its number alone; "no data" always by its words."""
    if words or grade == NO_DATA:
        return grade_name(lang, part.document.content.scheme, grade)
    return i18n.text(lang, "digest.grade", grade=grade)


def _blocks(part: Extract, lang: str, base: str | None, leave: str | None) -> Iterator[letters.Block]:
    document = part.document
    content, said = document.content, document.texts[lang]
    tz = ZoneInfo(document.time_zone)
    named = i18n.text(lang, "digest.named", title=document.title[lang], year=document.year, number=document.number)
    span = {"since": when(content.valid_from, lang, tz), "until": when(content.valid_to, lang, tz)}
    yield letters.Paragraph(f"{named}\n{i18n.text(lang, 'digest.valid', **span)}")
    if document.kind is not Kind.ISSUE:
        yield letters.Paragraph(i18n.text(lang, f"digest.{document.kind}", note=document.note.get(lang, "")))
    if document.kind is not Kind.WITHDRAWAL:
        yield letters.Table(
            [(getattr(zone, f"name_{lang}"), grade_name(lang, content.scheme, zone.grade)) for zone in part.zones]
        )
        yield letters.Paragraph(said.advice)
        yield letters.Paragraph("\n".join(said.notes))
    issuers = i18n.text(lang, "bulletin.list").join(body[lang] for body in document.issuers)
    yield letters.Paragraph(i18n.text(lang, "digest.signed", issuers=issuers, signed=document.signed))
    if base:
        yield letters.Link(i18n.text(lang, "digest.read"), f"{base}/bulletins/{content.on}?lang={lang}")
    yield letters.Paragraph(i18n.text(lang, "digest.why"))
    if leave:
        yield letters.Link(i18n.text(lang, "digest.leave"), leave)
