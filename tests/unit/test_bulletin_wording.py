"""What a bulletin says: every grade, every gap, one and many, in both languages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from firewatch import i18n
from firewatch.bulletins.content import Content, Hotspots, Sources, Span, Weather, ZoneDay, ZonePart
from firewatch.bulletins.wording import beaufort, grade_name, texts

ON = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MILD = Weather(
    points=2,
    told=2,
    tmax_c=Span(low=7.6, high=14.2),
    rhmin_pct=Span(low=24.9, high=40),
    windmax_ms=Span(low=3.0, high=8.1),
    rain_mm=Span(low=0, high=0),
)
NOTHING = Weather(points=2, told=0)


def zone(number: int, grades: tuple[int, int, int] = (3, 3, 3), **given: object) -> ZonePart:
    days = tuple(ZoneDay(on=ON + timedelta(days=n), grade=grade) for n, grade in enumerate(grades, start=1))
    values = {"id": f"z{number}", "name_zh": f"{number}区", "name_en": f"Zone {number}", "days": days, "weather": MILD}
    return ZonePart.model_validate({**values, **given})


def content(*zones: ZonePart, **given: object) -> Content:
    seen = Hotspots(since=NOW - timedelta(days=1), until=NOW, heard=True)
    values = {
        "on": ON,
        "valid_from": NOW,
        "valid_to": NOW + timedelta(days=1),
        "scheme": "lyt1172",
        "in_season": True,
        "zones": zones or (zone(1), zone(2)),
        "today": MILD,
        "ahead": (MILD, MILD, MILD),
        "hotspots": seen,
        "sources": Sources(feeds=("open-meteo",), model="gfs", weather_issued_at=NOW),
    }
    return Content.model_validate({**values, **given})


def both(facts: Content, part: str) -> tuple[str, str]:
    return tuple(getattr(texts(facts, lang, ZONE), part) for lang in i18n.LANGUAGES)


def test_the_weather_of_today_and_tomorrow() -> None:
    assert both(content(), "weather") == (
        (
            "今天（4月1日）：最高气温 8～14℃，最小相对湿度 25～40%，最大风力 2～5 级，降水：无，空气干燥。"
            "预计明天（4月2日）：最高气温 8～14℃，最小相对湿度 25～40%，最大风力 2～5 级，降水：无，空气干燥。"
        ),
        (
            "Today (1 April): highest temperature 8–14 °C, lowest relative humidity 25–40%, strongest wind force 2–5,"
            " precipitation: none, dry air. Tomorrow (2 April): highest temperature 8–14 °C, lowest relative humidity"
            " 25–40%, strongest wind force 2–5, precipitation: none, dry air."
        ),
    )


def test_what_the_weather_lacks_is_named_and_no_weather_is_not_a_calm_day() -> None:
    partly = Weather(points=2, told=0, tmax_c=Span(low=-5, high=-5))
    zh, en = both(content(today=partly, ahead=(NOTHING, NOTHING, NOTHING)), "weather")
    assert zh == (
        "今天（4月1日）：最高气温 -5℃，最小相对湿度 缺资料，最大风力 缺资料，降水：缺资料。"
        "预计明天（4月2日）：没有气象资料。"
    )
    assert "lowest relative humidity not known" in en
    assert en.endswith("Tomorrow (2 April): no weather data.")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 0.09, "none"),
        (0, 0.1, "light in places"),
        (1, 9.9, "light"),
        (0, 10, "moderate in places"),
        (12, 24.9, "moderate"),
        (25, 49, "heavy"),
        (0, 50, "very heavy in places"),
    ],
)
def test_precipitation_by_its_class(low: float, high: float, said: str) -> None:
    wet = MILD.model_copy(update={"rain_mm": Span(low=low, high=high)})
    assert f"precipitation: {said}" in both(content(today=wet), "weather")[1]


@pytest.mark.parametrize(("pct", "said"), [(20, "very dry air"), (30, "dry air"), (30.1, "none.")])
def test_dryness(pct: float, said: str) -> None:
    dry = MILD.model_copy(update={"rhmin_pct": Span(low=pct, high=60)})
    assert said in both(content(today=dry), "weather")[1].split("Tomorrow")[0]


def test_the_force_of_the_wind() -> None:
    assert [beaufort(speed) for speed in (0, 0.29, 0.3, 3.3, 3.4, 10.8, 32.7, 60)] == [0, 0, 1, 2, 3, 6, 12, 12]
    calm = MILD.model_copy(update={"windmax_ms": Span(low=3.5, high=5)})
    assert "最大风力 3 级" in both(content(today=calm), "weather")[0]


def test_zones_by_grade_the_highest_first_and_no_data_last() -> None:
    facts = content(zone(1, (2, 3, 3)), zone(2, (5, 3, 3)), zone(3, (0, 3, 3)), zone(4, (5, 3, 3)))
    assert both(facts, "danger") == (
        "5级（极度危险）：2区、4区；2级（低度危险）：1区；无数据：3区。",
        "grade 5 (extreme): Zone 2, Zone 4; grade 2 (low): Zone 1; no data: Zone 3.",
    )


@pytest.mark.parametrize("scheme", ["lyt1172", "fwi"])
@pytest.mark.parametrize("grade", range(6))
@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_every_grade_has_its_advice_and_its_name(scheme: str, grade: int, lang: str) -> None:
    said = texts(content(zone(1, (grade, 1, 1)), scheme=scheme), lang, ZONE)
    assert said.advice == i18n.text(lang, f"bulletin.advice.{grade}")
    name = grade_name(lang, scheme, grade)
    assert name in said.danger
    assert (str(grade) in name) == (grade > 0)


def test_a_zone_without_data_is_told_to_go_by_its_neighbours() -> None:
    facts = content(zone(1, (4, 1, 1)), zone(2, (0, 1, 1)))
    zh, en = both(facts, "advice")
    assert zh.endswith("2区没有资料，请参照相邻区域的较高等级防范。")
    assert en.endswith("There are no data for Zone 2: go by the higher grade of the zones around.")


def test_the_outlook_tells_where_it_goes() -> None:
    facts = content(zone(1, (3, 4, 2)), zone(2, (2, 4, 1)))
    assert both(facts, "outlook") == (
        "4月3日火险上升，最高 4级（高度危险），出现在全部区域。4月4日火险下降，最高 2级（低度危险），出现在1区。",
        "3 April: rising, highest grade 4 (high), in all zones. 4 April: falling, highest grade 2 (low), in Zone 1.",
    )
    assert "unchanged, highest grade 3" in both(content(), "outlook")[1]
    gap = both(content(zone(1, (3, 0, 3))), "outlook")[1]
    assert gap == "3 April: no data, which does not mean no danger. 4 April: highest grade 3 (moderate), in all zones."


def test_changes_since_the_bulletin_before() -> None:
    assert both(content(), "changes")[1] == "There is no bulletin of the day before to compare with."
    assert both(content(zone(1, was=3), zone(2, was=3)), "changes")[0] == "与上一期相比，各区域等级没有变化。"
    moved = content(zone(1, was=1), zone(2, was=5), zone(3, (0, 1, 1), was=2), zone(4, was=0), zone(5))
    assert both(moved, "changes") == (
        "等级上升：1区（1→3级）。等级下降：2区（5→3级）。上一期有等级、本期没有资料：3区。",
        (
            "Higher: Zone 1 (grade 1 to 3). Lower: Zone 2 (grade 5 to 3)."
            " Graded in the bulletin before, without data now: Zone 3."
        ),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"heard": False}, "no satellite data were received, which does not mean that there were no hot spots."),
        ({}, "satellites found no hot spot."),
        ({"detections": 1}, "satellites found 1 hot pixel."),
        (
            {"detections": 3, "tickets": {"open": 1, "false_alarm": 2, "merged": 0}},
            "satellites found 3 hot pixels. Of those looked into: false alarm 2, ",
        ),
    ],
)
def test_hot_spots(given: dict[str, object], said: str) -> None:
    seen = {"since": NOW - timedelta(days=1), "until": NOW, "heard": True, **given}
    told = both(content(hotspots=seen), "hotspots")[1]
    assert said in told
    assert told.startswith("From 31 March 16:30 to 1 April 16:30")


def notes(**given: object) -> tuple[str, ...]:
    return texts(content(**given), "en", ZONE).notes


def test_the_notes_of_an_ordinary_day() -> None:
    scheme, origin = notes()
    assert i18n.text("en", "scheme.lyt1172") in scheme
    assert origin == "Weather forecast: open-meteo (gfs), issued 1 April 16:30."


def test_the_notes_tell_what_is_wanting() -> None:
    sources = Sources(outlook_flags=("no_weather",), made_up=True, calibrated=False, demonstration=True)
    flagged = (ZoneDay(on=ON, grade=0, flags=("off_season", "wind_missing")), *zone(1).days[1:])
    facts = content(zone(1, days=flagged), zone(2), scheme="fwi", in_season=False, sources=sources)
    said = texts(facts, "en", ZONE).notes
    for part in (
        "Demonstration:",
        "made up or replayed",
        "It is not fire season.",
        "There was no weather forecast",
        i18n.text("en", "issue_flag.no_weather"),
        i18n.text("en", "flag.not_calibrated"),
        "No data, which does not mean no danger: Zone 1.",
        "Zone 1: wind missing.",
    ):
        assert any(part in note for note in said), part
    assert not any(i18n.text("en", "flag.off_season") in note for note in said)


def test_a_feed_without_a_name_or_a_model() -> None:
    assert notes(sources=Sources(weather_issued_at=NOW))[1] == "Weather forecast: not known, issued 1 April 16:30."


def test_the_facts_come_back_from_json_as_they_were() -> None:
    facts = content(zone(1, was=2, signal="red", signal_until=NOW))
    assert Content.model_validate_json(facts.model_dump_json()) == facts
    assert facts.highest == 3
    assert content(zones=()).days == ()
    assert content(zones=()).highest == content(zones=()).highest_on(1) == 0
