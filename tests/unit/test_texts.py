import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch import i18n
from firewatch.messaging.texts import CODES, TEMPLATES, carries, code_of, masked, render, segments

PARAMS = {
    "place": "康乐县莲麓镇足古川村",
    "lat": "35.03120",
    "lon": "103.74310",
    "time": "21:35",
    "grade": "四级（高）",
    "organiser": "莲花山国家级自然保护区管护中心",
    "vehicle": "康乐运兵车一号",
    "crews": "康乐专业扑火队、莲麓半专业队",
    "people": "54",
    "load": "风力灭火机12、二号工具30、水泵1",
    "eta": "22:20",
    "deed": "发布及升级",
    "until": "4月2日14:05",
    "count": "12",
    "asked": "654321",
    "stands": "已到达现场",
    "may": "5 任务结束，撤离",
    "contact": "联络员甲",
    "link": "https://firewatch.example/a/AbCdEf-1_xyz",
}


def params_of(template: str, **changed: str) -> dict[str, str]:
    return {name: {**PARAMS, **changed}[name] for name in TEMPLATES[template].params}


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_has_its_text_and_its_text_has_every_parameter(template: str, lang: str) -> None:
    written = i18n.catalogue(lang)[template]
    named = {name for _, name, _, _ in string.Formatter().parse(written) if name}
    assert named == TEMPLATES[template].params | {"code"}
    assert written.endswith("{code}")


def test_no_text_without_a_template() -> None:
    catalogues = [i18n.catalogue(lang).items() for lang in i18n.LANGUAGES]
    keys = {key for texts in catalogues for key, text in texts if key.startswith("sms.") and "{" in text}
    assert keys == set(TEMPLATES)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_ordinary_texts_fit_their_segments_uncut(template: str, lang: str) -> None:
    values = PARAMS if lang == "zh" else dict.fromkeys(PARAMS, "Kangle crew 1")
    body = render(template, lang, {name: values[name] for name in TEMPLATES[template].params}, "123456")
    assert segments(body) <= TEMPLATES[template].segments
    assert values["place"] in body


@given(st.text(max_size=200), st.sampled_from(i18n.LANGUAGES), st.sampled_from(sorted(TEMPLATES)))
def test_only_the_place_is_cut(place: str, lang: str, template: str) -> None:
    params = params_of(template, place=place)
    body = render(template, lang, params, "123456")
    assert segments(body) <= (TEMPLATES[template].segments if lang == "zh" else 5)
    assert carries(body, "123456")
    assert all(value in body for name, value in params.items() if name != "place")


def test_a_long_place_is_cut_visibly_and_no_more_than_needed() -> None:
    body = render("sms.report", "zh", params_of("sms.report", place="沟" * 200), "123456")
    assert "沟…（35.03120,103.74310）" in body
    assert len(body) == 134


def test_a_line_break_in_a_place_stays_out_of_the_text() -> None:
    body = render("sms.head", "zh", params_of("sms.head", place="东沟\n\n 二社{code}"), "123456")
    assert "东沟 二社{code}（" in body


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        render("sms.report", "zh", {"place": "东沟"}, "123456")
    with pytest.raises(ValueError, match="no text"):
        render("sms.nothing", "zh", {}, "123456")


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("a" * 152 + "[" + "a" * 152, 3),  # the escape is not torn from its letter: 152, 153, 1
        ("火" * 70, 1),
        ("火" * 71, 2),
        ("火" * 134, 2),
        ("火" * 135, 3),
        ("火" * 68 + "🔥", 1),
        ("火" * 69 + "🔥", 2),
        ("火" * 66 + "🔥" + "火" * 66, 3),  # the pair moves on whole: 66, 67, 1
    ],
)
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count


@pytest.mark.parametrize("start", [1, 999_983])
def test_a_million_messages_in_a_row_have_a_million_codes(start: int) -> None:
    assert len({code_of(message_id) for message_id in range(start, start + CODES)}) == CODES


def test_neighbours_do_not_look_alike() -> None:
    differing = [sum(a != b for a, b in zip(code_of(n), code_of(n + 1), strict=True)) for n in range(1, 2000)]
    assert min(differing) >= 4


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("…确认码123456", True),
        ("Sent from a trial account - code 123456.", True),
        ("at 35.123456, code 654321", False),
        ("code 9123456", False),
        ("code 123456, or 111111", False),
    ],
)
def test_carries(body: str, found: bool) -> None:
    assert carries(body, "123456") is found


def test_masked_numbers_show_their_ends_only() -> None:
    assert masked("+447700900101") == "+44•••••••101"
    assert masked("+12345") == "••••••"
