"""What a summary says: every count, every gap, one and many, in both languages."""

from datetime import date
from typing import Any

import pytest

from firewatch import i18n
from firewatch.bulletins.periods import PeriodKind
from firewatch.bulletins.summary import Fires, Issued, Seen, Summary
from firewatch.bulletins.summary_wording import texts
from tests.unit.summaries import MONDAY, facts, score

WEEK = [(3, 3, 3, 3, 3, 3, 3), (2, 2, 2, 2, 2, 2, 2)]
HEARD = {"published": 7, "corrected": 0, "withdrawn": 0, "lacking": 0, "unheard": 0}


def both(found: Summary, part: str) -> tuple[Any, Any]:
    zh, en = (getattr(texts(found, lang), part) for lang in i18n.LANGUAGES)
    return zh, en


CASES: list[tuple[str, Summary, str, str]] = [
    ("title", facts(WEEK), "2026年第14周火险小结", "Fire danger in week 14 of 2026"),
    (
        "title",
        facts(WEEK, kind=PeriodKind.SEASON, name="2025", first=date(2025, 10, 1), last=date(2026, 5, 31)),
        "2025–2026年度防火期火险总结",
        "Fire danger in the season 2025–2026",
    ),
    (
        "title",
        facts(WEEK, kind=PeriodKind.SEASON, name="2026"),
        "2026年度防火期火险总结",
        "Fire danger in the season 2026",
    ),
    ("span", facts(WEEK), "2026年3月30日至2026年4月5日。", "30 March 2026 to 5 April 2026."),
    (
        "span",
        facts(WEEK, until=date(2026, 4, 2)),
        "2026年3月30日至2026年4月5日。尚未结束，以下统计到2026年4月2日。",
        "30 March 2026 to 5 April 2026. It is not over: the figures reach to 2 April 2026.",
    ),
    (
        "span",
        facts(WEEK, until=date(2026, 3, 29)),
        "2026年3月30日至2026年4月5日。还没有一天结束，尚无可统计的内容。",
        "30 March 2026 to 5 April 2026. No day of it is over yet: there is nothing to count.",
    ),
    (
        "danger",
        facts(WEEK),
        "最高等级为3级（中度危险），出现天数：1区 7。没有一天达到4级及以上。",
        "The highest was grade 3 (moderate), on so many days: Zone 1 7. Grade 4 or more was reached on no day.",
    ),
    (
        "danger",
        facts([(4, 1, 0, None, 0, 1, 1), (1, 1, 1, 1, 1, 0, 1)]),
        (
            "最高等级为4级（高度危险），出现天数：1区 1。有分区达到4级及以上的共1天。"
            "缺资料的天数：1区 2、2区 1；没有资料不等于没有危险。"
        ),
        (
            "The highest was grade 4 (high), on so many days: Zone 1 1. Grade 4 or more was reached somewhere on 1 day."
            " Days without data: Zone 1 2, Zone 2 1; no data is not no danger."
        ),
    ),
    (
        "danger",
        facts([(5, 5, 1, 1, 1, 1, 1)]),
        "最高等级为5级（极度危险），出现天数：1区 2。有分区达到4级及以上的共2天。",
        (
            "The highest was grade 5 (extreme), on so many days: Zone 1 2."
            " Grade 4 or more was reached somewhere on 2 days."
        ),
    ),
    (
        "danger",
        facts([(None,) * 7]),
        "没有一天有等级资料：没有资料不等于没有危险。",
        "No day has a grade: no data is not no danger.",
    ),
    ("bulletins", facts(WEEK), "发布公报7期。", "7 bulletins were published."),
    (
        "bulletins",
        facts(WEEK, bulletins=Issued(published=0, corrected=0, withdrawn=0, lacking=7, unheard=0)),
        "没有发布公报。",
        "No bulletin was published.",
    ),
    (
        "bulletins",
        facts(WEEK, bulletins=Issued(published=1, corrected=1, withdrawn=1, lacking=1, unheard=0)),
        "发布公报1期。其中1期作过更正。另有1期撤回。有1天没有公报。",
        "1 bulletin was published. 1 of them was corrected. 1 more was withdrawn. 1 day has none.",
    ),
    (
        "bulletins",
        facts(WEEK, bulletins=Issued(published=3, corrected=2, withdrawn=2, lacking=2, unheard=0)),
        "发布公报3期。其中2期作过更正。另有2期撤回。有2天没有公报。",
        "3 bulletins were published. 2 of them were corrected. 2 more were withdrawn. 2 days have none.",
    ),
    ("fires", facts(WEEK), "没有接到火情报告。", "No fire was reported."),
    (
        "fires",
        facts(WEEK, fires=Fires(reported=4, false_alarms=2, zones={"": 1, "gone": 1, "z2": 2})),
        "接到火情4起：2区 2、各区以外 1、gone 1。其中2起为误报。",
        "4 fires were reported: Zone 2 2, outside the zones 1, gone 1. 2 of them were false alarms.",
    ),
    (
        "fires",
        facts(WEEK, fires=Fires(reported=2, false_alarms=0, zones={"z1": 2})),
        "接到火情2起：1区 2。",
        "2 fires were reported: Zone 1 2.",
    ),
    (
        "fires",
        facts(WEEK, fires=Fires(reported=1, false_alarms=1, zones={"z1": 1})),
        "接到火情1起：1区 1。其中1起为误报。",
        "1 fire was reported: Zone 1 1. 1 of them was a false alarm.",
    ),
    (
        "hotspots",
        facts(WEEK),
        "没有记录到卫星热点。",
        "No hot spot from a satellite is on record.",
    ),
    (
        "hotspots",
        facts(WEEK, bulletins=Issued(**{**HEARD, "unheard": 1})),
        "没有记录到卫星热点。有1期公报发布前一天没有收到卫星资料：没有收到不等于没有热点。",
        (
            "No hot spot from a satellite is on record. For 1 bulletin no satellite had answered in the day before:"
            " that is not the same as none."
        ),
    ),
    (
        "hotspots",
        facts(WEEK, hotspots=Seen(detections=3, tickets={"open": 1, "confirmed": 1}, zones={"z1": 3})),
        "卫星热点3个：1区 3。核查情况：确认火情 1、待核查 1。",
        "3 hot spots from satellites: Zone 1 3. Of those looked into: confirmed 1, to be looked at 1.",
    ),
    ("warnings", facts(WEEK), "没有发布预警。", "No warning was issued."),
    (
        "warnings",
        facts(WEEK, warnings={"blue": {"z1": 1}, "red": {"z2": 2, "z1": 1}}),
        "新发布或升级的预警：红色（一级）3次（1区 1、2区 2）；蓝色（四级）1次（1区 1）。",
        (
            "Warnings issued or raised: RED (first class, highest) 3 (Zone 1 1, Zone 2 2);"
            " BLUE (fourth class) 1 (Zone 1 1)."
        ),
    ),
]


@pytest.mark.parametrize(("part", "found", "zh", "en"), CASES, ids=range(len(CASES)))
def test_what_is_said(part: str, found: Summary, zh: str, en: str) -> None:
    assert both(found, part) == (zh, en)


def test_a_score_is_told_by_lead() -> None:
    one = score(1, pairs=10, hits=5, off_one=3, further=2, high_came=4, missed_high=1, high_foretold=5, false_alarms=2)
    zh, en = both(facts(WEEK, scores=(one, score(2, no_forecast=2, no_analysis=1))), "score")
    assert zh == (
        (
            "提前1天：10次预报中准确5次（50%），差一级3次，差两级及以上2次。"
            "4级及以上实际出现4次，漏报1次；预报5次，空报2次。"
        ),
        (
            "提前2天：6次预报中准确6次（100%），差一级0次，差两级及以上0次。4级及以上既没有出现，也没有预报过。"
            "未计入：预报无资料2次，实况无资料1次。"
        ),
    )
    assert en == (
        (
            "1 day ahead: of 10 forecasts 5 were right (50%), 3 one grade off, 2 further off."
            " Grade 4 or more came 4 times, 1 of them missed; it was foretold 5 times, 2 of them false alarms."
        ),
        (
            "2 days ahead: of 6 forecasts 6 were right (100%), 0 one grade off, 0 further off."
            " Grade 4 or more neither came nor was foretold."
            " Left out: 2 without data in the forecast, 1 without data in what came."
        ),
    )


def test_too_few_days_are_no_score() -> None:
    zh, en = both(
        facts(WEEK, scores=(score(1, days=4, pairs=400), score(2, days=1), score(3, days=0, pairs=0))), "score"
    )
    assert zh[0] == "提前1天：可对照的只有4天，太少，不足以评判。"
    assert en == (
        "1 day ahead: only 4 days can be compared, too few to judge by.",
        "2 days ahead: only 1 day can be compared, too few to judge by.",
        "3 days ahead: only 0 days can be compared, too few to judge by.",
    )
    none = facts(WEEK, scores=tuple(score(lead, days=0, pairs=0) for lead in (1, 2, 3)))
    assert both(none, "score") == (
        ("还没有预报可以与实况对照。",),
        ("No forecast can be compared with what came yet.",),
    )


def test_notes_say_what_it_rests_on() -> None:
    plain = facts(WEEK, kind=PeriodKind.SEASON, name="2026")
    zh, en = both(plain, "notes")
    assert len(zh) == len(en) == 3
    assert "LY/T 1172" in en[0]
    assert any("see the season" in note for note in both(facts(WEEK), "notes")[1])
    marked = facts(WEEK, made_up=True, demonstration=True)
    zh, en = both(marked, "notes")
    assert "演示数据" in zh[0]
    assert "says nothing of real forecasts" in en[1]
    assert marked.first == MONDAY
