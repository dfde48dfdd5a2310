import re
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch import i18n
from firewatch.messaging import worst_case
from firewatch.messaging.replies import Answer, Kind, Reply, parse
from firewatch.messaging.texts import (
    CODES,
    CUT,
    LINKED,
    MAX_SEGMENTS,
    TEMPLATES,
    carries,
    code_of,
    masked,
    render,
    segments,
    whole,
)
from firewatch.rulebook.read import default_folder, read_rulebook

BOOK = read_rulebook(default_folder())
PARAMS = {lang: worst_case.params(BOOK, lang) for lang in i18n.LANGUAGES}
LIMITS = {lang: worst_case.params(BOOK, lang, worst_case.Names.LIMIT) for lang in i18n.LANGUAGES}
CODE = "123456"


def params_of(template: str, lang: str = "zh", **changed: str) -> dict[str, str]:
    return {name: {**PARAMS[lang], **changed}[name] for name in TEMPLATES[template].params}


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_has_its_text_and_its_text_has_every_parameter(template: str, lang: str) -> None:
    written = i18n.catalogue(lang)[template]
    named = {name for _, name, _, _ in string.Formatter().parse(written) if name}
    assert named == TEMPLATES[template].params | {"code"}
    assert written.endswith("{code}")


def test_no_text_without_a_template() -> None:
    catalogues = [i18n.catalogue(lang).items() for lang in i18n.LANGUAGES]
    keys = {key for texts in catalogues for key, text in texts if key.startswith(("sms.", "voice.")) and "{" in text}
    assert keys == set(TEMPLATES)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(TEMPLATES))
@pytest.mark.parametrize("values", [PARAMS, LIMITS], ids=["own", "limit"])
def test_the_longest_texts_fit_two_segments_and_keep_what_matters(
    values: dict[str, dict[str, str]], template: str, lang: str
) -> None:
    given = {name: values[lang][name] for name in TEMPLATES[template].params}
    body = render(template, lang, given, CODE)
    assert segments(body) <= MAX_SEGMENTS
    assert carries(body, CODE)
    assert all(value in body for name, value in given.items() if name not in CUT)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - {"sms.order", "sms.order_link"}))
def test_only_orders_are_ever_cut_with_the_demonstrations_names(template: str, lang: str) -> None:
    given = params_of(template, lang)
    assert render(template, lang, given, CODE) == whole(template, lang, given, CODE)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_an_ordinary_order_is_told_whole(lang: str) -> None:
    own = {"zh": ("康乐运兵车一号", "康乐专业扑火队", "风力灭火机12、二号工具30（康乐物资库领取）", "康乐县")}
    own["en"] = (
        "Kangle crew carrier 1",
        "Kangle professional crew",
        "flappers30 (load at Kangle depot)",
        "Kangle County",
    )
    vehicle, crews, load, place = own[lang]
    given = params_of("sms.order", lang, vehicle=vehicle, crews=crews, load=load, place=place)
    assert render("sms.order", lang, given, CODE) == whole("sms.order", lang, given, CODE)


@given(st.text(max_size=200), st.sampled_from(i18n.LANGUAGES), st.sampled_from(sorted(TEMPLATES)))
def test_whatever_the_place_nothing_but_names_is_cut(place: str, lang: str, template: str) -> None:
    params = params_of(template, lang, place=place)
    body = render(template, lang, params, CODE)
    assert segments(body) <= (MAX_SEGMENTS if lang == "zh" else 5)  # one Chinese letter makes all of it UCS-2
    assert carries(body, CODE)
    assert all(value in body for name, value in params.items() if name not in CUT)


def test_the_place_is_cut_before_anything_else() -> None:
    given = params_of("sms.report", place="沟" * 200)
    assert given["organiser"] in render("sms.report", "zh", given, CODE)


def test_a_link_that_is_too_long_is_sent_whole_all_the_same() -> None:
    given = params_of("sms.order_link", link="https://" + "x" * 200)
    body = render("sms.order_link", "zh", given, CODE)
    assert segments(body) > MAX_SEGMENTS
    assert given["link"] in body


DIGITS = re.compile(r"(?P<digit>[1-5]) ?(?P<word>[^\W\d_]+(?: [^\W\d_]+)*)")
ACKNOWLEDGED = ("sms.report", "sms.reminder", "sms.deputy", "sms.head", "sms.comms_test", "sms.comms_test_link")
ANSWERED = {
    **dict.fromkeys(ACKNOWLEDGED, (Answer.RECEIVED,)),
    **{template: tuple(Answer) for template in ("sms.order", "sms.order_link")},
}


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("template", sorted(ANSWERED))
def test_the_digits_a_text_prints_are_understood_as_it_says(template: str, lang: str) -> None:
    body = whole(template, lang, params_of(template, lang), CODE)
    told = re.split("回复|[Rr]eply", body)[1]
    if ANSWERED[template] == (Answer.RECEIVED,):
        assert parse(told.strip("： :")) == Reply(Kind.ANSWER, Answer.RECEIVED, CODE)
        return
    beside = re.compile("及原因| and why|加.*| with.*")
    printed = [(found["digit"], beside.sub("", found["word"])) for found in DIGITS.finditer(told)]
    assert tuple(parse(f"{digit} {CODE}").answer for digit, _ in printed) == ANSWERED[template]
    assert tuple(parse(f"{word} {CODE}").answer for _, word in printed) == ANSWERED[template]


@pytest.mark.parametrize(("lang", "begins"), [("zh", "【测试】"), ("en", "TEST, NO FIRE: ")])
def test_a_test_cannot_be_taken_for_anything_else(lang: str, begins: str) -> None:
    for template in TEMPLATES:
        body = render(template, lang, params_of(template, lang), CODE)
        assert body.startswith(begins) is template.startswith("sms.comms_test"), body
        if body.startswith(begins):
            assert not re.search("【火情|接报起火|调度令|FIRE at|FIRE, |ORDER:", body)


def test_the_preview_tries_every_text_in_every_language() -> None:
    rows = list(worst_case.tried(BOOK, link_base="https://fire.example"))
    assert {(row.template, row.lang, row.names) for row in rows} == {
        (template, lang, names) for template in TEMPLATES for lang in i18n.LANGUAGES for names in worst_case.Names
    }
    assert all(row.fits and row.segments == segments(row.body) for row in rows)
    assert {row.is_gsm for row in rows if row.lang == "en"} == {True}
    assert any("https://fire.example/a/" in row.body for row in rows)
    long = worst_case.tried(BOOK, ["zh"], "https://" + "x" * 200)
    assert {row.template for row in long if not row.fits} == {each for each in TEMPLATES if each.endswith(LINKED)}


def test_a_tool_of_an_agencys_own_is_called_as_the_agency_calls_it() -> None:
    own = BOOK.depots[0].model_copy(update={"stock": {"a-most-uncommon-tool-of-our-own": 1}})
    assert "a-most-uncommon-tool-of-our-own888" in worst_case.params(replace(BOOK, depots=(own,)), "zh")["load"]


def test_a_long_place_is_cut_visibly_and_no_more_than_needed() -> None:
    body = render("sms.report", "zh", params_of("sms.report", place="沟" * 200), "123456")
    assert "沟…（35.2150,103.6220）" in body
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
