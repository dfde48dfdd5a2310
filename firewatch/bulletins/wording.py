"""From the facts to the sentences: every one from the catalogue, chosen by a table, in either language. Pure.

The same facts give the same words. What is not known is said to be not known: no sentence falls silent over a gap.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from firewatch import i18n
from firewatch.bulletins.content import NO_DATA, Content, Hotspots, Span, Texts, Weather, ZonePart

DRY_PCT: Final = (20.0, 30.0)
"""Relative humidity up to which the air is called very dry, and dry."""
RAIN_MM: Final = (0.1, 10.0, 25.0, 50.0)
"""Where light, moderate, heavy and very heavy precipitation of a day begin (GB/T 28592-2012, 24 h)."""
BEAUFORT_MS: Final = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
"""Where the forces 1 to 12 begin (GB/T 28591-2012)."""


def texts(content: Content, lang: str, zone: ZoneInfo) -> Texts:
    """Return what is said of some facts in a language, with local times of `zone`."""
    return Texts(
        weather=_weather(content, lang),
        outlook=_outlook(content, lang),
        advice=_advice(content, lang),
        danger=_danger(content, lang),
        changes=_changes(content, lang),
        hotspots=_hotspots(content.hotspots, lang, zone),
        notes=tuple(_notes(content, lang, zone)),
    )


def day_name(on: date, lang: str) -> str:
    """Return a day as people of the language write it, without the year."""
    return format_date(on, "M月d日" if lang == "zh" else "d MMMM", "zh" if lang == "zh" else "en_GB")


def grade_name(lang: str, scheme: str, grade: int) -> str:
    """Return a grade with its number and its scheme's word; a grade that is none is told as such."""
    if grade == NO_DATA:
        return i18n.text(lang, "danger.grade.0")
    return i18n.text(lang, "bulletin.grade", grade=grade, word=i18n.text(lang, f"danger.grade.{scheme}.{grade}"))


def beaufort(wind_ms: float) -> int:
    """Return the force of a wind, 0 to 12."""
    return bisect_right(BEAUFORT_MS, wind_ms)


def _weather(content: Content, lang: str) -> str:
    first = content.ahead[0] if content.ahead else Weather(points=0, told=0)
    days = [("bulletin.weather_today", content.on, content.today)]
    days += [("bulletin.weather_next", on, first) for on in content.days[:1]]
    told = [i18n.text(lang, key, day=day_name(on, lang), weather=_day(lang, weather)) for key, on, weather in days]
    return paragraph(lang, told)


def _day(lang: str, weather: Weather) -> str:
    """Return the weather of a day in one sentence without its stop; what is missing is named."""
    parts = [
        _known(
            lang, "bulletin.tmax", weather.tmax_c, lambda span: _numbers(lang, span, "℃" if lang == "zh" else " °C")
        ),
        _known(lang, "bulletin.rhmin", weather.rhmin_pct, lambda span: _numbers(lang, span, "%")),
        _known(lang, "bulletin.wind", weather.windmax_ms, lambda span: _forces(lang, span)),
        _known(lang, "bulletin.rain", weather.rain_mm, lambda span: _rain(lang, span)),
    ]
    if not weather.told and all(span is None for span in _spans(weather)):
        return i18n.text(lang, "bulletin.weather_unknown")
    if weather.rhmin_pct is not None and (dry := _dryness(weather.rhmin_pct.low)):
        parts.append(i18n.text(lang, f"bulletin.dry.{dry}"))
    return i18n.text(lang, "bulletin.comma").join(parts)


def _spans(weather: Weather) -> tuple[Span | None, ...]:
    return weather.tmax_c, weather.rhmin_pct, weather.windmax_ms, weather.rain_mm


def _known(lang: str, key: str, span: Span | None, told: Callable[[Span], str]) -> str:
    value = i18n.text(lang, "bulletin.unknown") if span is None else told(span)
    return i18n.text(lang, key, value=value)


def _numbers(lang: str, span: Span, unit: str) -> str:
    """Return a span in whole numbers: one number where both ends round to the same."""
    low, high = round(span.low), round(span.high)
    dash = "～" if lang == "zh" else "–"
    return f"{low}{unit}" if low == high else f"{low}{dash}{high}{unit}"


def _forces(lang: str, span: Span) -> str:
    low, high = beaufort(span.low), beaufort(span.high)
    if low == high:
        return i18n.text(lang, "bulletin.force", force=low)
    return i18n.text(lang, "bulletin.forces", low=low, high=high)


def _rain(lang: str, span: Span) -> str:
    """Return the precipitation by its strongest point; that not all points have any is told."""
    word = i18n.text(lang, f"bulletin.rain_class.{bisect_right(RAIN_MM, span.high)}")
    if bisect_right(RAIN_MM, span.low) == bisect_right(RAIN_MM, span.high):
        return word
    return i18n.text(lang, "bulletin.rain_in_places", word=word)


def _dryness(rhmin_pct: float) -> str:
    very, dry = DRY_PCT
    return "very" if rhmin_pct <= very else "dry" if rhmin_pct <= dry else ""


def _danger(content: Content, lang: str) -> str:
    groups = [(grade, content.graded(grade)) for grade in (5, 4, 3, 2, 1, NO_DATA)]
    told = [
        i18n.text(lang, "bulletin.zones_of", grade=_grade(lang, content, grade), zones=_names(lang, zones))
        for grade, zones in groups
        if zones
    ]
    return i18n.text(lang, "bulletin.stop", text=i18n.text(lang, "bulletin.semicolon").join(told))


def _grade(lang: str, content: Content, grade: int) -> str:
    return grade_name(lang, content.scheme, grade)


def _names(lang: str, zones: Iterable[ZonePart]) -> str:
    return i18n.text(lang, "bulletin.list").join(getattr(zone, f"name_{lang}") for zone in zones)


def _outlook(content: Content, lang: str) -> str:
    told = []
    for number, on in list(enumerate(content.days))[1:]:
        highest, before = content.highest_on(number), content.highest_on(number - 1)
        given = {"day": day_name(on, lang), "grade": _grade(lang, content, highest)}
        if highest == NO_DATA:
            told.append(i18n.text(lang, "bulletin.outlook_unknown", **given))
            continue
        given["zones"] = _everywhere_or(lang, content, content.graded(highest, number))
        told.append(i18n.text(lang, f"bulletin.outlook.{_tendency(before, highest)}", **given))
    return paragraph(lang, told)


def _tendency(before: int, now: int) -> str:
    if before == NO_DATA:
        return "plain"
    return "up" if now > before else "down" if now < before else "same"


def _everywhere_or(lang: str, content: Content, zones: Sequence[ZonePart]) -> str:
    return i18n.text(lang, "bulletin.everywhere") if len(zones) == len(content.zones) else _names(lang, zones)


def _advice(content: Content, lang: str) -> str:
    told = [i18n.text(lang, f"bulletin.advice.{content.highest}")]
    if content.highest != NO_DATA and (gaps := content.graded(NO_DATA)):
        told.append(i18n.text(lang, "bulletin.advice_gap", zones=_names(lang, gaps)))
    return paragraph(lang, told)


def _changes(content: Content, lang: str) -> str:
    compared = [zone for zone in content.zones if zone.was]
    if not compared:
        return i18n.text(lang, "bulletin.changes_none_before")
    moved: Mapping[str, list[ZonePart]] = {
        "raised": [zone for zone in compared if zone.grade > (zone.was or 0)],
        "lowered": [zone for zone in compared if NO_DATA < zone.grade < (zone.was or 0)],
        "lost": [zone for zone in compared if zone.grade == NO_DATA],
    }
    told = [_moved(lang, name, zones) for name, zones in moved.items() if zones]
    return paragraph(lang, told) if told else i18n.text(lang, "bulletin.changes_same")


def _moved(lang: str, how: str, zones: Sequence[ZonePart]) -> str:
    steps = [
        i18n.text(lang, "bulletin.step", zone=getattr(zone, f"name_{lang}"), old=zone.was, new=zone.grade)
        if zone.grade != NO_DATA
        else getattr(zone, f"name_{lang}")
        for zone in zones
    ]
    return i18n.text(lang, f"bulletin.changes.{how}", zones=i18n.text(lang, "bulletin.list").join(steps))


def _hotspots(seen: Hotspots, lang: str, zone: ZoneInfo) -> str:
    span = {"since": when(seen.since, lang, zone), "until": when(seen.until, lang, zone)}
    if not seen.heard:
        return i18n.text(lang, "bulletin.hotspots_unheard", **span)
    if not seen.detections:
        return i18n.text(lang, "bulletin.hotspots_none", **span)
    told = [counted(lang, "bulletin.hotspots", seen.detections, **span)]
    if states := [(state, count) for state, count in sorted(seen.tickets.items()) if count]:
        words = [f"{i18n.text(lang, f'hotspot_state.{state}')} {count}" for state, count in states]
        told.append(i18n.text(lang, "bulletin.hotspots_checked", states=i18n.text(lang, "bulletin.list").join(words)))
    return paragraph(lang, told)


def counted(lang: str, key: str, count: int, **places: object) -> str:
    """Return a text by number: Chinese has one form, English two."""
    return i18n.text(lang, f"{key}.{'one' if count == 1 else 'many'}", count=count, **places)


def _notes(content: Content, lang: str, zone: ZoneInfo) -> Iterable[str]:
    sources = content.sources
    if sources.drill:
        yield i18n.text(lang, "bulletin.note_drill")
    if sources.demonstration:
        yield i18n.text(lang, "bulletin.note_demonstration")
    if sources.made_up:
        yield i18n.text(lang, "bulletin.note_made_up")
    if not content.in_season:
        yield i18n.text(lang, "bulletin.note_off_season")
    yield i18n.text(lang, "bulletin.note_scheme", scheme=i18n.text(lang, f"scheme.{content.scheme}"))
    yield _origin(content, lang, zone)
    for flag in sources.outlook_flags:
        yield i18n.text(lang, f"issue_flag.{flag}")
    if content.scheme == "fwi" and not sources.calibrated:
        yield i18n.text(lang, "flag.not_calibrated")
    if gaps := content.graded(NO_DATA):
        yield i18n.text(lang, "bulletin.note_no_data", zones=_names(lang, gaps))
    for flag, zones in _flagged(content).items():
        yield i18n.text(
            lang, "bulletin.note_flag", zones=_everywhere_or(lang, content, zones), flag=i18n.text(lang, f"flag.{flag}")
        )


def _origin(content: Content, lang: str, zone: ZoneInfo) -> str:
    sources = content.sources
    if sources.weather_issued_at is None:
        return i18n.text(lang, "bulletin.note_no_forecast")
    feeds = i18n.text(lang, "bulletin.list").join(sources.feeds) or i18n.text(lang, "bulletin.unknown")
    model = i18n.text(lang, "bulletin.in_brackets", text=sources.model) if sources.model else ""
    return i18n.text(
        lang, "bulletin.note_origin", feeds=feeds + model, time=when(sources.weather_issued_at, lang, zone)
    )


def _flagged(content: Content) -> dict[str, list[ZonePart]]:
    """Return the flags of the day of the bulletin with the zones that carry each, but for those with a note apart."""
    own = {"off_season", "not_calibrated"}
    found: dict[str, list[ZonePart]] = {}
    for part in content.zones:
        for flag in part.days[0].flags:
            if flag not in own:
                found.setdefault(flag, []).append(part)
    return found


def when(at: datetime, lang: str, zone: ZoneInfo) -> str:
    """Return an instant with its day, in local time."""
    return i18n.local_time(at, lang, zone, "M月d日HH:mm" if lang == "zh" else "d MMMM HH:mm")


def paragraph(lang: str, sentences: Iterable[str]) -> str:
    """Join sentences; Chinese ones follow their full stop at once."""
    return ("" if lang == "zh" else " ").join(sentences)
