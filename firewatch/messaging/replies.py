"""What a person has written back, made out of whatever a phone and a cold thumb make of it. Pure.

A reply is a digit or one of the words of `locales/*/replies.po`, with the code of the text it answers: "1 123456",
"１１２３４５６", "收到 123456", "123456 on scene", "3 123456 engine broken". Full-width forms, case, blanks, quotes and
punctuation do not matter. What is not clearly one of these is not guessed at: "3 people injured" is no refusal.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from firewatch import i18n


class Answer(StrEnum):
    """What can be answered to a text, in the order of its digits."""

    RECEIVED = "received"
    COMING = "coming"
    DECLINED = "declined"
    ON_SCENE = "on_scene"
    RELEASED = "released"


class Kind(StrEnum):
    """What a reply is."""

    ANSWER = "answer"
    STOP = "stop"  # no more texts, please
    START = "start"  # texts again, please
    UNCLEAR = "unclear"  # a person has to read it


@dataclass(frozen=True)
class Reply:
    """A reply as it was understood. `code` is None where none was given; `note` is the reason or a remark."""

    kind: Kind
    answer: Answer | None = None
    code: str | None = None
    note: str = ""


DIGIT: Final = {str(number): answer for number, answer in enumerate(Answer, 1)}
GAP: Final = r"[\W_]*"
CODE: Final = rf"(?:(?:确{GAP}认{GAP}码|编{GAP}号|code|ref){GAP})?(?P<code>\d{{3}}{GAP}\d{{3}})(?!\d)"
NOTE: Final = r"(?P<note>.*)"
ANY_CODE: Final = re.compile(r"(?<!\d)(\d{3})[ -]?(\d{3})(?!\d)")


def parse(text: str) -> Reply:
    """Return what a reply says. Its code is six digits, whether or not any text ever carried it."""
    plain = unicodedata.normalize("NFKC", text)
    for kind in (Kind.STOP, Kind.START):
        if _read(rf"(?:{_words(kind)})", plain):
            return Reply(kind)
    for answer in Answer:
        found = _answer(answer, plain)
        if found is not None:
            return found
    if (bare := _read(CODE, plain)) is not None:  # a code sent back has been read by somebody
        return Reply(Kind.ANSWER, Answer.RECEIVED, _code(bare))
    code = ANY_CODE.search(plain)
    return Reply(Kind.UNCLEAR, code="".join(code.groups()) if code else None)


def _answer(answer: Answer, plain: str) -> Reply | None:
    """Return the reply if it is this answer. A digit with a code may carry a remark, a refusal its reason."""
    digit = rf"{list(Answer).index(answer) + 1}"
    word = rf"(?:{_words(answer)})"
    either = rf"(?:{digit}(?:{GAP}{word})?|{word})"
    shapes = [
        rf"{digit}{GAP}{CODE}{NOTE}",
        rf"{either}(?:{GAP}{CODE})?",
        rf"{CODE}{GAP}{digit}(?!\d)",
        rf"{CODE}{GAP}{either}",
    ]
    if answer is Answer.DECLINED:
        shapes += [
            rf"{either}{GAP}{CODE}{NOTE}",
            rf"{CODE}{GAP}{either}(?!\d){NOTE}",
            rf"{word}{NOTE}{CODE}",
            rf"{word}{NOTE}",
        ]
    for shape in shapes:
        if (found := _read(shape, plain)) is not None:
            places = found.groupdict()
            return Reply(Kind.ANSWER, answer, _code(found), _tidy(places.get("note") or ""))
    return None


def _read(shape: str, plain: str) -> re.Match[str] | None:
    return _compiled(shape).fullmatch(plain)


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    return re.compile(rf"{GAP}{shape}{GAP}", re.IGNORECASE | re.DOTALL)


@cache
def _words(family: str) -> str:
    """Return the pattern of the words for something, in every language, the longest first."""
    known = {word for lang in i18n.LANGUAGES for word in i18n.text(lang, f"reply.words.{family}").split("|")}
    # Blanks may come between Chinese characters, and be missing between English words.
    spelt = [GAP.join(char for char in word if char.isalnum()) for word in sorted(known, key=lambda w: (-len(w), w))]
    return rf"(?:{'|'.join(spelt)})(?![a-z])"


def _code(found: re.Match[str]) -> str | None:
    given = found.groupdict().get("code")
    return "".join(char for char in given if char.isdecimal()) if given else None


def _tidy(note: str) -> str:
    """Return a remark without the punctuation that led up to it."""
    return re.sub(rf"^{GAP}", "", note).rstrip(" \t\r\n\"'”’」』，,;；")
