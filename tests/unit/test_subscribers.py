"""Addresses as people type them, links and codes that cannot be forged, letters that say one thing in two forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.messaging import smtp_replies
from firewatch.messaging.transitions import FailureKind
from firewatch.subscribers import addresses, letters, tokens

PREFIXES = ["+86", "+44"]
KEY, OTHER = "a-key-of-one", "a-key-of-another"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" villager.a@Example.ORG ", "villager.a@example.org"),
        ("ｖｉｌｌａｇｅｒ＠ｅｘａｍｐｌｅ．ｏｒｇ", "villager@example.org"),
        ("o'neil+fire@sub.example.org", "o'neil+fire@sub.example.org"),
        ("村民@example.org", None),
        ("villager@例子.example.org", "villager@xn--fsqu00a.example.org"),
        ("villager@example", None),
        ("villager@@example.org", None),
        ("@example.org", None),
        ("villager@-example.org", None),
        ("villager@example..org", None),
        (".villager@example.org", None),
        ("vil..lager@example.org", None),
        ("villager@example.org\r\nBcc: b@example.org", None),
        ("villager a@example.org", None),
        ('"villager"@example.org', None),
        ("v" * 65 + "@example.org", None),
        ("v" * 60 + "@" + "e" * 60 + "." + "e" * 60 + "." + "e" * 60 + "." + "e" * 60 + ".org", None),
        ("v@" + "e" * 64 + ".org", None),
        ("", None),
    ],
)
def test_an_email_address(typed: str, address: str | None) -> None:
    assert addresses.email(typed) == address


@given(st.text())
def test_no_typed_address_breaks_a_header(typed: str) -> None:
    made = addresses.email(typed)
    assert made is None or (made.isascii() and made.isprintable() and " " not in made and made.count("@") == 1)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+44 7700 900-555", "+447700900555"),
        ("0044 (7700) 900555", "+447700900555"),
        ("+1 202 555 0123", None),
        ("110", None),
        ("123456789012345", None),
        ("", None),
        ("villager", None),
    ],
)
def test_a_number(typed: str, number: str | None) -> None:
    assert addresses.phone(typed, PREFIXES) == number


def test_which_is_meant_and_what_is_shown() -> None:
    assert [addresses.is_email(typed) for typed in ("a@b", "a＠b", "13800138000")] == [True, True, False]
    assert addresses.masked("villager.a@example.org") == "v•••@example.org"
    assert addresses.masked("+8613800138000") == "+86••••••••000"


def test_a_link_is_of_one_subscription() -> None:
    made = tokens.token(7, KEY)
    assert tokens.number_in(made) == 7
    assert tokens.is_token(made, 7, KEY)
    assert not tokens.is_token(made, 8, KEY)
    assert not tokens.is_token(made, 7, OTHER)
    assert not tokens.is_token("7-密", 7, KEY)
    assert [tokens.number_in(given) for given in ("", "7", "0-" + "a" * 22, made + "a", f" {made}")] == [None] * 5


def test_every_code_is_another() -> None:
    codes = {tokens.code(number, key, sent) for number in (1, 2) for key in (KEY, OTHER) for sent in range(50)}
    assert len(codes) == 200
    assert all(len(code) == 8 and code.isdecimal() for code in codes)
    assert tokens.is_code(tokens.code(1, KEY, 2), 1, KEY, 2)
    assert not tokens.is_code(tokens.code(1, KEY, 1), 1, KEY, 2)


def test_a_letter_says_the_same_in_both_forms() -> None:
    blocks: list[letters.Block] = [
        letters.Paragraph("Fire <danger>\nof tomorrow"),
        letters.Table([("Kangle", "grade 4"), ("Dongxiang", "no data")]),
        letters.Link("Read it", "https://firewatch.example/bulletins?a=1&b=2"),
    ]
    assert letters.plain("en", blocks) == (
        "Fire <danger>\nof tomorrow\n\nKangle: grade 4\nDongxiang: no data\n\n"
        "Read it:\nhttps://firewatch.example/bulletins?a=1&b=2\n"
    )
    letter = letters.letter("zh", "Two\nlines", blocks, leave="https://firewatch.example/x")
    assert (letter.subject, letter.leave, letter.lang) == ("Two lines", "https://firewatch.example/x", "zh")
    assert '<html lang="zh-CN">' in letter.html
    assert "<p>Fire &lt;danger&gt;</p><p>of tomorrow</p>" in letter.html
    assert '<th align="left">Dongxiang</th><td>no data</td>' in letter.html
    assert '<a href="https://firewatch.example/bulletins?a=1&amp;b=2">Read it</a>' in letter.html


def test_the_table_of_replies() -> None:
    assert smtp_replies.table() is smtp_replies.table(), "it is read once"
    for wrong in (["*,550,number", "*,550,ours"], ["nowhere,550,number"], ["*,550,vanished"]):
        with pytest.raises(ValueError, match=r"twice|vanished"):
            smtp_replies.read(["stage,reply,kind", *wrong])


@pytest.mark.parametrize(
    ("stage", "reply", "text", "kind"),
    [
        ("rcpt", 450, "4.2.0 greylisted", FailureKind.TRANSIENT),
        ("rcpt", 550, "5.1.1 no such user", FailureKind.NUMBER),
        ("rcpt", 550, "5.7.1 not from you", FailureKind.FILTERED),
        ("mail", 550, "5.7.1 who are you", FailureKind.OURS),
        ("mail", 501, "", FailureKind.OURS),
        ("login", 535, "5.7.8 no", FailureKind.OURS),
        ("connect", 554, "no service", FailureKind.OURS),
        ("data", 552, "too big", FailureKind.TEXT),
        ("data", 554, "no 5.1.1 at the start", FailureKind.FILTERED),
        ("rcpt", 599, "", FailureKind.FILTERED),
    ],
)
def test_what_a_reply_comes_to(stage: str, reply: int, text: str, kind: FailureKind) -> None:
    assert smtp_replies.kind_of(smtp_replies.reason(stage, reply, text)) is kind


def test_what_is_no_reply_comes_to_nothing() -> None:
    assert [smtp_replies.kind_of(said) for said in (None, "twilio 21211", "smtp", "TimeoutError")] == [None] * 4
