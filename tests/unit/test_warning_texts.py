"""One text for all zones of a release: highest first, no zone ever cut off, two segments."""

import pytest

from firewatch import i18n
from firewatch.messaging import texts as sms
from firewatch.warnings.signals import Action, Signal
from firewatch.warnings.texts import TEMPLATE, Told, params

TIMES = {
    "zh": {"time": "4月1日14:05", "until": "4月2日14:05"},
    "en": {"time": "1 Apr 14:05", "until": "2 Apr 14:05"},
}


def body(lang: str, *told: Told) -> str:
    return sms.render(TEMPLATE, lang, params(lang, told, TIMES[lang]), "123456")


def test_zones_stand_under_their_colours_the_highest_first() -> None:
    said = body(
        "zh",
        Told("康乐县", Signal.BLUE, Action.ISSUE),
        Told("和政县", Signal.RED, Action.RAISE),
        Told("临夏县", Signal.BLUE, Action.ISSUE),
    )
    assert "发布及升级（4月1日14:05），有效至4月2日14:05：红色（一级）：和政县；蓝色（四级）：康乐县、临夏县。" in said
    assert sms.segments(said) <= 2


@pytest.mark.parametrize(
    ("action", "lang", "word"),
    [
        (Action.ISSUE, "zh", "发布（"),
        (Action.RAISE, "zh", "升级（"),
        (Action.ISSUE, "en", "WARNING issued"),
        (Action.RAISE, "en", "WARNING RAISED"),
    ],
)
def test_new_and_worse_are_told_apart(action: Action, lang: str, word: str) -> None:
    assert word in body(lang, Told("K", Signal.RED, action))


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_many_zones_are_counted_rather_than_cut_off(lang: str) -> None:
    told = [Told(f"Autonomous County No. {n}", signal, Action.ISSUE) for n in range(9) for signal in Signal]
    said = body(lang, *told)
    assert sms.segments(said) <= 2
    assert i18n.text(lang, "warning.zones", count=9) in said
    assert "County" not in said
    assert all(i18n.text(lang, f"signal.{signal}") in said for signal in Signal)


def test_the_zones_in_most_danger_are_named_as_long_as_there_is_room() -> None:
    names = ("Kangle", "Hezheng", "Linxia", "Jishishan")
    told = [Told(f"{name} County", signal, Action.ISSUE) for name, signal in zip(names, Signal, strict=True)]
    more = [Told(f"{name} Nature Reserve", Signal.BLUE, Action.ISSUE) for name in ("Taizishan", "Lianhuashan")]
    said = body("en", *told, *more)
    assert "RED (first class, highest): Jishishan County; ORANGE (second class): Linxia County; YELLOW" in said
    assert "BLUE (fourth class): 3 zone(s). Act" in said
    assert sms.segments(said) == 2


def test_only_the_remark_is_cut() -> None:
    zones = [Told(name, Signal.ORANGE, Action.ISSUE, "大风" * 90) for name in ("康乐县", "和政县")]
    said = body("zh", *zones)
    assert "橙色（二级）：康乐县、和政县。大风大风" in said
    assert "…" in said
    assert sms.segments(said) == 2
    assert said.count("康乐县") == 1


def test_every_ordinary_text_fits_two_segments() -> None:
    names = ("康乐县", "和政县", "临夏县", "积石山县", "太子山自然保护区", "莲花山自然保护区")
    told = [Told(name, signal, Action.RAISE) for name, signal in zip(names, [*Signal, *Signal], strict=False)]
    said = body("zh", *told)
    assert sms.segments(said) <= 2
    assert all(name in said for name in names)
