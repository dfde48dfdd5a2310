"""From the facts of a week or a season to its sentences, every one from the catalogue, in either language. Pure.

What is not known is said to be not known, and a score of too few days to be none.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from babel.dates import format_date

from firewatch import i18n
from firewatch.bulletins.content import Fact
from firewatch.bulletins.periods import PeriodKind
from firewatch.bulletins.summary import Score, Summary
from firewatch.bulletins.wording import counted, grade_name, paragraph

SIGNALS: Final = ("red", "orange", "yellow", "blue")
"""The highest first."""


class SummaryTexts(Fact):
    """What is said of a summary in one language."""

    title: str
    span: str
    danger: str
    bulletins: str
    fires: str
    hotspots: str
    warnings: str
    score: tuple[str, ...]
    notes: tuple[str, ...]


def texts(facts: Summary, lang: str) -> SummaryTexts:
    """Return what is said of some facts in a language."""
    return SummaryTexts(
        title=title(facts.kind, facts.name, facts.first, facts.last, lang),
        span=_span(facts, lang),
        danger=paragraph(lang, _danger(facts, lang)),
        bulletins=paragraph(lang, _bulletins(facts, lang)),
        fires=paragraph(lang, _fires(facts, lang)),
        hotspots=paragraph(lang, _hotspots(facts, lang)),
        warnings=_warnings(facts, lang),
        score=tuple(_scores(facts, lang)),
        notes=tuple(_notes(facts, lang)),
    )


def title(kind: PeriodKind, name: str, first: date, last: date, lang: str) -> str:
    """Return what a period is called."""
    if kind is PeriodKind.WEEK:
        year, week, _ = first.isocalendar()
        return i18n.text(lang, "summary.title.week", year=year, week=week)
    years = name if first.year == last.year else f"{first.year}–{last.year}"
    return i18n.text(lang, "summary.title.season", years=years)


def full_day(on: date, lang: str) -> str:
    """Return a day with its year."""
    return format_date(on, "y年M月d日", "zh") if lang == "zh" else format_date(on, "d MMMM y", "en_GB")


def lead_name(lead: int, lang: str) -> str:
    """Return how far ahead a forecast is."""
    return counted(lang, "summary.lead", lead)


def _span(facts: Summary, lang: str) -> str:
    told = i18n.text(lang, "summary.span", first=full_day(facts.first, lang), last=full_day(facts.last, lang))
    if facts.over:
        return told
    if facts.until < facts.first:
        return paragraph(lang, [told, i18n.text(lang, "summary.not_a_day")])
    return paragraph(lang, [told, i18n.text(lang, "summary.so_far", day=full_day(facts.until, lang))])


def _danger(facts: Summary, lang: str) -> Iterable[str]:
    if not facts.graded:
        yield i18n.text(lang, "summary.danger_none")
    else:
        zones = {zone.id: zone.count(facts.highest) for zone in facts.zones if zone.highest == facts.highest}
        highest = grade_name(lang, facts.scheme, facts.highest)
        yield i18n.text(lang, "summary.danger_highest", grade=highest, zones=_places(facts, zones, lang))
        days = facts.high_days()
        yield counted(lang, "summary.high_days", days) if days else i18n.text(lang, "summary.high_days_none")
    if gaps := {zone.id: zone.count(0) for zone in facts.zones if zone.count(0)}:
        yield i18n.text(lang, "summary.danger_gaps", zones=_places(facts, gaps, lang))


def _bulletins(facts: Summary, lang: str) -> Iterable[str]:
    made = facts.bulletins
    if made.published + made.withdrawn == 0:
        yield i18n.text(lang, "summary.bulletins_none")
        return
    yield counted(lang, "summary.bulletins", made.published)
    if made.corrected:
        yield counted(lang, "summary.corrected", made.corrected)
    if made.withdrawn:
        yield counted(lang, "summary.withdrawn", made.withdrawn)
    if made.lacking:
        yield counted(lang, "summary.lacking", made.lacking)


def _fires(facts: Summary, lang: str) -> Iterable[str]:
    fires = facts.fires
    if not fires.reported:
        yield i18n.text(lang, "summary.fires_none")
        return
    yield counted(lang, "summary.fires", fires.reported, zones=_places(facts, fires.zones, lang))
    if fires.false_alarms:
        yield counted(lang, "summary.false_fires", fires.false_alarms)


def _hotspots(facts: Summary, lang: str) -> Iterable[str]:
    seen, told = facts.hotspots, facts.bulletins
    if seen.detections:
        yield counted(lang, "summary.hotspots", seen.detections, zones=_places(facts, seen.zones, lang))
        states = [
            f"{i18n.text(lang, f'hotspot_state.{state}')} {count}" for state, count in sorted(seen.tickets.items())
        ]
        yield i18n.text(lang, "bulletin.hotspots_checked", states=_list(lang, states))
    else:
        yield i18n.text(lang, "summary.hotspots_none")
    if told.unheard:
        yield counted(lang, "summary.unheard", told.unheard)


def _warnings(facts: Summary, lang: str) -> str:
    parts = [
        i18n.text(
            lang,
            "summary.warned",
            signal=i18n.text(lang, f"signal.{signal}"),
            count=sum(facts.warnings[signal].values()),
            zones=_places(facts, facts.warnings[signal], lang),
        )
        for signal in SIGNALS
        if signal in facts.warnings
    ]
    if not parts:
        return i18n.text(lang, "summary.warnings_none")
    return i18n.text(lang, "summary.warnings", told=i18n.text(lang, "bulletin.semicolon").join(parts))


def _scores(facts: Summary, lang: str) -> Iterable[str]:
    if not any(score.pairs for score in facts.scores):
        yield i18n.text(lang, "summary.score_none")
        return
    for score in facts.scores:
        yield paragraph(lang, _score(score, lang))


def _score(score: Score, lang: str) -> Iterable[str]:
    lead = lead_name(score.lead, lang)
    if not score.judged:
        yield counted(lang, "summary.score_few", score.days, lead=lead)
        return
    numbers = score.model_dump(include={"pairs", "hits", "off_one", "further"})
    yield i18n.text(lang, "summary.score_told", lead=lead, share=round(100 * score.hits / score.pairs), **numbers)
    if score.high_came or score.high_foretold:
        high = score.model_dump(include={"high_came", "missed_high", "high_foretold", "false_alarms"})
        yield i18n.text(lang, "summary.score_high", **high)
    else:
        yield i18n.text(lang, "summary.score_no_high")
    if score.no_forecast or score.no_analysis:
        left = score.model_dump(include={"no_forecast", "no_analysis"})
        yield i18n.text(lang, "summary.score_left_out", **left)


def _notes(facts: Summary, lang: str) -> Iterable[str]:
    if facts.demonstration:
        yield i18n.text(lang, "bulletin.note_demonstration")
    if facts.made_up:
        yield i18n.text(lang, "summary.note_made_up")
    yield i18n.text(lang, "summary.note_scheme", scheme=i18n.text(lang, f"scheme.{facts.scheme}"))
    yield i18n.text(lang, "summary.note_score")
    if facts.kind is PeriodKind.WEEK:
        yield i18n.text(lang, "summary.note_week")
    yield i18n.text(lang, "summary.note_gaps")


def _places(facts: Summary, numbers: Mapping[str, int], lang: str) -> str:
    """Return zones with a number each, in their own order; what lies outside comes last."""
    names = {zone.id: getattr(zone, f"name_{lang}") for zone in facts.zones}
    told = {zone: name for zone, name in names.items() if zone in numbers}
    told |= {zone: zone or i18n.text(lang, "summary.outside") for zone in numbers if zone not in names}
    return _list(lang, (f"{name} {numbers[zone]}" for zone, name in told.items()))


def _list(lang: str, parts: Iterable[str]) -> str:
    return i18n.text(lang, "bulletin.list").join(parts)
