"""The replies of people with cold hands: what is understood, and what is left to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.messaging.replies import DIGIT, Answer, Kind, Reply, parse

CODE = "123456"
WIDE = str.maketrans("0123456789 ", "０１２３４５６７８９　")


def answer(what: Answer, code: str | None = CODE, note: str = "") -> Reply:
    return Reply(Kind.ANSWER, what, code, note)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1 123456", answer(Answer.RECEIVED)),
        ("1123456", answer(Answer.RECEIVED)),
        ("１ １２３４５６", answer(Answer.RECEIVED)),
        ("①123456", answer(Answer.RECEIVED)),
        (" “1 123456”。 ", answer(Answer.RECEIVED)),
        ("1+123456", answer(Answer.RECEIVED)),
        ("1，确认码123456", answer(Answer.RECEIVED)),
        ("1 code 123 456", answer(Answer.RECEIVED)),
        ("1\ufe0f\u20e3 123\u200b456", answer(Answer.RECEIVED)),
        ("123456 1", answer(Answer.RECEIVED)),
        ("123456", answer(Answer.RECEIVED)),
        ("确认码123456", answer(Answer.RECEIVED)),
        ("收到 123456", answer(Answer.RECEIVED)),
        ("收到123456", answer(Answer.RECEIVED)),
        ("1收到123456", answer(Answer.RECEIVED)),
        ("收 到", answer(Answer.RECEIVED, None)),
        ("OK", answer(Answer.RECEIVED, None)),
        ("1", answer(Answer.RECEIVED, None)),
        ("2 123456", answer(Answer.COMING)),
        ("2 123456 two vehicles, Ten people.", answer(Answer.COMING, note="two vehicles, Ten people.")),
        ("on our way 123456", answer(Answer.COMING)),
        ("已出发", answer(Answer.COMING, None)),
        ("3 123456", answer(Answer.DECLINED)),
        ("3 123456 Engine broken", answer(Answer.DECLINED, note="Engine broken")),
        ("3 123456 2 injured", answer(Answer.DECLINED, note="2 injured")),
        ("3123456车坏了，换不了", answer(Answer.DECLINED, note="车坏了,换不了")),
        ("123456 3 车坏了", answer(Answer.DECLINED, note="车坏了")),
        ("无法前往 123456 车坏了", answer(Answer.DECLINED, note="车坏了")),
        ("无法前往，车坏了 123456", answer(Answer.DECLINED, note="车坏了")),
        ("Can't come: engine broken", answer(Answer.DECLINED, None, "engine broken")),
        ("3", answer(Answer.DECLINED, None)),
        ("4 123456", answer(Answer.ON_SCENE)),
        ("已到达", answer(Answer.ON_SCENE, None)),
        ("ON SCENE 123456", answer(Answer.ON_SCENE)),
        ("onscene123456", answer(Answer.ON_SCENE)),
        ("5 123456", answer(Answer.RELEASED)),
        ("任务结束，撤离 123456", answer(Answer.RELEASED)),
        ("STOP", Reply(Kind.STOP)),
        ("“退订”", Reply(Kind.STOP)),
        ("ｔｄ", Reply(Kind.STOP)),
        ("start", Reply(Kind.START)),
    ],
)
def test_what_is_understood(text: str, meant: Reply) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "3 people injured",  # no refusal
        "3人受伤",
        "3 people injured 123456",  # nor with a code at its end
        "2 hours",
        "没收到 123456",
        "收到了吗",
        "not received",
        "on scene 123456 in an hour",
        "已到达 123456 还要半小时",
        "no problem",
        "6 123456",
        "0123456",
        "11 123456",
        "1 1234567",
        "112 3451",
        "okra",
        "stop the fire",
        "STOP 123456",
        # A text sent back whole says nothing, though it holds words and a code.
        "【调度令】指挥车即赴康乐县（35.30000,103.65000），预计12:30到达。请在平台确认，确认码123456",
    ],
)
def test_what_is_not_guessed_at(text: str) -> None:
    assert parse(text).kind is Kind.UNCLEAR


def test_an_unclear_reply_keeps_its_code() -> None:
    assert parse("where do we meet? 123 456").code == CODE
    assert parse("where do we meet? 1234567").code is None


@given(st.sampled_from(sorted(DIGIT)), st.from_regex(r"[0-9]{6}", fullmatch=True), st.booleans(), st.data())
def test_a_digit_and_a_code_are_read_however_they_are_set(
    digit: str, code: str, wide: bool, data: st.DataObject
) -> None:
    gap = st.sampled_from(["", " ", "  ", "\n", "-", "：", "，", "."])
    quotes = data.draw(st.sampled_from(["", '"', "'", "“", "「", "(", "【"]))
    text = f"{quotes}{digit}{data.draw(gap)}{code}{quotes}{data.draw(gap)}"
    assert parse(text.translate(WIDE) if wide else text) == answer(DIGIT[digit], code)


@given(st.text(max_size=200))
def test_any_text_is_one_thing_or_a_persons_to_read(text: str) -> None:
    found = parse(text)
    assert (found.answer is not None) == (found.kind is Kind.ANSWER)
    assert found.code is None or (len(found.code) == 6 and found.code.isdecimal())
    assert parse(f" {text} ").kind == found.kind


@given(st.text(alphabet="0123456789 收到不能去stop", max_size=1600))
def test_long_texts_do_not_take_long(text: str) -> None:
    parse(text)
