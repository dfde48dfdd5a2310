"""What a bulletin says of some zones: whom it is worth telling, and how it fits a letter and a text."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch import i18n
from firewatch.bulletins.content import Content, Document, Kind
from firewatch.bulletins.extract import Extract, extract, is_due, letter, sms, subject
from firewatch.bulletins.wording import grade_name, texts
from firewatch.messaging.texts import render, segments
from tests.unit.test_bulletin_wording import NOW, ZONE, content, zone

BASE = "https://firewatch.example"
LEAVE = f"{BASE}/bulletins/subscription/1-x"


def document(facts: Content, kind: Kind = Kind.ISSUE) -> Document:
    return Document(
        content=facts,
        texts={lang: texts(facts, lang, ZONE) for lang in i18n.LANGUAGES},
        kind=kind,
        year=2026,
        number=7,
        running=7,
        note={"zh": "风力有误", "en": "wrong wind"},
        title={"zh": "火险公报", "en": "Fire danger bulletin"},
        alliance={"zh": "联盟", "en": "Alliance"},
        issuers=[{"zh": "甲局", "en": "Bureau A"}, {"zh": "乙局", "en": "Bureau B"}],
        signed="值班员甲",
        issued_at=NOW,
        time_zone="Asia/Shanghai",
    )


def of(*grades: int, zones: tuple[str, ...] = (), kind: Kind = Kind.ISSUE) -> Extract:
    parts = [zone(number, (grade, 3, 3)) for number, grade in enumerate(grades, 1)]
    return extract(document(content(*parts), kind), zones)


def test_the_zones_that_were_asked_for() -> None:
    assert [part.id for part in of(1, 2, 3, zones=("z3", "z1")).zones] == ["z1", "z3"]
    assert len(of(1, 2, 3).zones) == 3, "without any it is all"
    assert len(of(1, 2, 3, zones=("z2", "gone")).zones) == 1
    assert len(of(1, 2, 3, zones=("gone",)).zones) == 3, "nobody falls silent because a zone is no more"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(1, 5), st.booleans())
def test_a_day_is_told_unless_every_zone_is_known_to_be_below(grades: list[int], least: int, before: bool) -> None:
    safe = all(0 < grade < least for grade in grades)
    assert is_due(of(*grades), least, told_before=before) is (before or not safe)
    assert is_due(of(*grades, kind=Kind.CORRECTION), least, told_before=before) is (before or not safe)
    assert is_due(of(*grades, kind=Kind.WITHDRAWAL), least, told_before=before) is before


def test_the_subject_tells_day_grade_and_gap() -> None:
    assert grade_name("zh", "lyt1172", 4) not in subject(of(3, 4, zones=("z1",)), "zh"), "of the chosen zones"
    told = {lang: subject(of(3, 0), lang) for lang in i18n.LANGUAGES}
    for lang, gap in (("zh", "部分区域无数据"), ("en", "some zones without data")):
        assert grade_name(lang, "lyt1172", 3) in told[lang]
        assert gap in told[lang]
        assert gap not in subject(of(3, 2), lang)
        assert i18n.text(lang, "danger.grade.0") in subject(of(0, 0), lang)
    assert subject(of(3, kind=Kind.CORRECTION), "en").startswith("CORRECTED: fire danger 2 April")
    assert "3" not in subject(of(3, kind=Kind.WITHDRAWAL), "zh").replace("4月2日", "")


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_the_grades_can_be_read_back_from_a_letter(lang: str) -> None:
    part = of(1, 2, 3, 4, 5, 0)
    body, rest = letter(part, lang, BASE, LEAVE)
    for each in part.zones:
        name, word = getattr(each, f"name_{lang}"), grade_name(lang, "lyt1172", each.grade)
        assert re.search(rf"^{name}[：:] ?{re.escape(word)}$", body, re.MULTILINE)
        assert f'<th align="left">{name}</th><td>{word}</td>' in rest.html
    said = part.document.texts[lang]
    for words in (said.advice, *said.notes, "值班员甲", f"{BASE}/bulletins/2026-04-01?lang={lang}", LEAVE):
        assert words in body
    assert rest.leave == LEAVE
    assert "2026" in body
    bare, rest = letter(part, lang, None, None)
    assert "http" not in bare + rest.html.replace("http-equiv", "")
    assert rest.leave is None


def test_a_correction_says_why_and_a_withdrawal_repeats_no_grade() -> None:
    assert "wrong wind" in letter(of(3, kind=Kind.CORRECTION), "en", None, None)[0]
    body = letter(of(3, kind=Kind.WITHDRAWAL), "en", None, None)[0]
    assert "do not rely on what was sent before. wrong wind" in body
    assert "grade" not in body
    assert "Zone 1" not in body


def test_a_text_says_as_much_as_fits() -> None:
    template, given = sms(of(4, 0), "zh", two_way=True)
    text = render(template, "zh", given, "123456")
    assert (template, segments(text)) == ("sms.digest", 1)
    assert "2区" in given["grades"]
    assert grade_name("zh", "lyt1172", 4) in given["grades"]
    assert i18n.text("zh", "danger.grade.0") in given["grades"]
    assert "回TD退订" in text
    assert text.endswith("编号123456")
    one_way = sms(of(4), "en", two_way=False)[1]
    assert one_way["leave"] == ""
    template, given = sms(of(4, kind=Kind.WITHDRAWAL), "en", two_way=True)
    assert (template, "grades" in given) == ("sms.digest_withdrawn", False)
    assert sms(of(4, kind=Kind.CORRECTION), "en", two_way=True)[0] == "sms.digest_corrected"


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("length", [1, 6, 80])
@pytest.mark.parametrize("number", [1, 5, 12, 60])
def test_a_text_is_never_longer_than_two_segments(lang: str, length: int, number: int) -> None:
    names = {"name_zh": "某" * length, "name_en": "M" * length}
    parts = [zone(each, (each % 6, 3, 3), **names) for each in range(number)]
    part = replace(of(1), zones=parts)
    for kind in Kind:
        each = replace(part, document=part.document.model_copy(update={"kind": kind}))
        template, given = sms(each, lang, two_way=True)
        text = render(template, lang, given, "123456")
        assert segments(text) <= 2
        if kind is not Kind.WITHDRAWAL:
            told = {grade for grade in range(1, 6) if re.search(rf"{grade} ?级|grade {grade}", text)}
            assert told == {each.grade for each in parts} - {0}, "no grade is left out"
