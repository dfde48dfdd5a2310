"""Catalogues: both languages know every key, with the same places in the text, and every key is used."""

import re
import string
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from firewatch import i18n

ROOT = Path(__file__).parents[2]
KEYS = sorted({key for lang in i18n.LANGUAGES for key in i18n.catalogue(lang)})
HAN = re.compile(r"[\u4e00-\u9fff]")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_there_are_texts() -> None:
    assert KEYS


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_every_language_knows_every_key(lang: str) -> None:
    assert not [key for key in KEYS if not i18n.catalogue(lang).get(key)]


def test_every_text_has_the_same_places_in_both_languages() -> None:
    zh, en = (i18n.catalogue(lang) for lang in ("zh", "en"))
    assert {key: places(zh[key]) for key in KEYS} == {key: places(en[key]) for key in KEYS}


def test_english_texts_hold_no_chinese() -> None:
    chinese = [key for key, text in i18n.catalogue("en").items() if HAN.search(text)]
    assert not [key for key in chinese if not key.endswith(".zh")]  # the language's own name


def test_a_text_is_filled_and_an_unknown_key_shows_itself() -> None:
    key = next(key for key in KEYS if places(i18n.catalogue("en")[key]))
    given = dict.fromkeys(places(i18n.catalogue("en")[key]), "<here>")
    assert "<here>" in i18n.text("en", key, **given)
    assert i18n.text("zh", "no.such.key") == "no.such.key"
    assert i18n.has(key)
    assert not i18n.has("no.such.key")


def test_a_missing_place_is_an_error_not_a_gap() -> None:
    key = next(key for key in KEYS if places(i18n.catalogue("en")[key]))
    with pytest.raises(KeyError):
        i18n.text("en", key, something_else="x")


def test_time_is_told_in_the_zones_own_time() -> None:
    at = datetime(2026, 4, 1, 16, 5, tzinfo=UTC)
    assert i18n.local_time(at, "zh", ZoneInfo("Asia/Shanghai"), "HH:mm") == "00:05"
    assert "02/04/2026" in i18n.local_time(at, "en", ZoneInfo("Asia/Shanghai"))
