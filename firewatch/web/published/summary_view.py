"""A week or a season in one language: the words, tables and drawings that its page shows and its sheets are set of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from babel.dates import format_date
from markupsafe import Markup

from firewatch import i18n
from firewatch.bulletins import summary_wording
from firewatch.bulletins.periods import PeriodKind
from firewatch.bulletins.summary import INDICES, Spread, Summary
from firewatch.bulletins.summary_wording import SummaryTexts
from firewatch.web import summary_svg
from firewatch.web.published import picture

GRADES: Final = (5, 4, 3, 2, 1, 0)
SECTIONS: Final = ("calendar", "per_grade", "indices", "events", "score", "notes")
COLUMNS: Final = ("lead", "days", "pairs", "hits", "off_one", "further", "missed_high", "false_alarms")


@dataclass(frozen=True)
class Strip:
    """Days of one month, or of a week: their names, and every zone's grades; None: nothing can be said of a day."""

    title: str
    days: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | None]]]


@dataclass(frozen=True)
class SummaryView:
    """A summary in one language."""

    facts: Summary
    texts: SummaryTexts
    alliance: str
    strips: Sequence[Strip]
    grades: Sequence[tuple[int, str]]
    counts: Sequence[tuple[str, Sequence[int]]]
    """Of each zone its name, and on how many days each of `grades` came."""
    grade_chart: Markup
    indices: Sequence[tuple[str, Markup]]
    scores: Sequence[tuple[str, Sequence[int]]]
    score_chart: Markup | None
    """None where nothing can be compared."""


def view(facts: Summary, lang: str) -> SummaryView:
    """Return a summary in a language."""
    return SummaryView(
        facts=facts,
        texts=summary_wording.texts(facts, lang),
        alliance=facts.alliance[lang],
        strips=list(_strips(facts, lang)),
        grades=[(grade, picture.grade_word(lang, facts.scheme, grade)) for grade in GRADES],
        counts=[(getattr(zone, f"name_{lang}"), [zone.count(grade) for grade in GRADES]) for zone in facts.zones],
        grade_chart=_grade_chart(facts, lang),
        indices=[(i18n.text(lang, f"summary.index.{name}"), _index(facts, name, lang)) for name in INDICES],
        scores=[
            (summary_wording.lead_name(score.lead, lang), [getattr(score, name) for name in COLUMNS[1:]])
            for score in facts.scores
        ],
        score_chart=_score_chart(facts, lang),
    )


def sheet(facts: Summary, lang: str) -> dict[str, object]:
    """Return the data of the printed sheets, ready for JSON."""
    found = view(facts, lang)
    return {
        "lang": lang,
        "region": "cn" if lang == "zh" else "gb",
        "date": [facts.last.year, facts.last.month, facts.last.day],
        "alliance": found.alliance,
        "texts": found.texts.model_dump(mode="json"),
        "words": {each: i18n.text(lang, f"summary.{each}") for each in SECTIONS}
        | {"zone": i18n.text(lang, "grades.zone")},
        "columns": [i18n.text(lang, f"summary.column.{each}") for each in COLUMNS],
        "strips": [{"title": each.title, "days": each.days, "rows": each.rows} for each in found.strips],
        "grades": found.grades,
        "counts": found.counts,
        "grade_chart": _picture(found.grade_chart),
        "grade_chart_title": i18n.text(lang, "summary.grade_chart"),
        "indices": [
            {"name": name, "title": _index_title(facts, index, lang), "chart": _picture(chart)}
            for index, (name, chart) in zip(INDICES, found.indices, strict=True)
        ],
        "scores": found.scores,
        "score_chart": _picture(found.score_chart) if found.score_chart else "",
        "score_chart_title": i18n.text(lang, "summary.score_chart"),
    }


def _picture(drawing: Markup) -> str:
    return str(picture.alone(drawing))


def _strips(facts: Summary, lang: str) -> Iterator[Strip]:
    """Part a season by month; a week is one strip."""
    locale = "zh" if lang == "zh" else "en_GB"
    named = [(getattr(zone, f"name_{lang}"), zone.grades) for zone in facts.zones]
    if facts.kind is PeriodKind.WEEK:
        yield Strip("", [name for _, name in _ticks(facts, lang)], named)
        return
    for _, run in groupby(enumerate(facts.days), lambda each: (each[1].year, each[1].month)):
        numbers, days = zip(*run, strict=True)
        month = format_date(days[0], "y年M月" if lang == "zh" else "MMMM y", locale)
        rows = [(name, grades[numbers[0] : numbers[-1] + 1]) for name, grades in named]
        yield Strip(month, [str(on.day) for on in days], rows)


def _score_chart(facts: Summary, lang: str) -> Markup | None:
    scores = [score for score in facts.scores if score.pairs]
    if not scores:
        return None
    pieces = {"hits": "hits", "off_one": "off-one", "further": "further"}
    rows = [
        (summary_wording.lead_name(score.lead, lang), [(getattr(score, name), kind) for name, kind in pieces.items()])
        for score in scores
    ]
    legend = [(kind, i18n.text(lang, f"summary.column.{name}")) for name, kind in pieces.items()]
    return summary_svg.bars(summary_svg.Bars(i18n.text(lang, "summary.score_chart"), rows, "score", legend))


def _grade_chart(facts: Summary, lang: str) -> Markup:
    rows = [
        (getattr(zone, f"name_{lang}"), [(zone.count(grade), f"g{grade}") for grade in GRADES]) for zone in facts.zones
    ]
    return summary_svg.bars(summary_svg.Bars(i18n.text(lang, "summary.grade_chart"), rows, "grades"))


def _index(facts: Summary, name: str, lang: str) -> Markup:
    values = [(each.low, each.mean, each.high) if each else None for each in facts.indices[name]]
    over = sum(on <= facts.until for on in facts.days)
    title = _index_title(facts, name, lang)
    return summary_svg.course(
        summary_svg.Course(title, values, over, _ticks(facts, lang), i18n.text(lang, "summary.no_values"))
    )


def _index_title(facts: Summary, name: str, lang: str) -> str:
    spreads: Sequence[Spread | None] = facts.indices[name]
    told = sum(each is not None for each in spreads)
    index = i18n.text(lang, f"summary.index.{name}")
    return i18n.text(lang, "summary.chart", index=index, days=len(spreads), told=told)


def _ticks(facts: Summary, lang: str) -> list[tuple[int, str]]:
    """Name every day of a week, and the months of a season."""
    locale = "zh" if lang == "zh" else "en_GB"
    if facts.kind is PeriodKind.WEEK:
        pattern = "M/d" if lang == "zh" else "d MMM"
        return [(n, format_date(on, pattern, locale)) for n, on in enumerate(facts.days)]
    return [(n, format_date(on, "LLL", locale)) for n, on in enumerate(facts.days) if on.day == 1]
