"""What texts look like, before anybody needs one: `firewatch messages preview` and the page of texts."""

import json

import pytest

from firewatch.__main__ import main
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.messaging.texts import LINKED, TEMPLATES
from firewatch.rulebook.read import Rulebook
from tests.service.console import open_desk, said

LONG_URL = "https://" + ".".join(["a-department-with-a-long-name"] * 4) + ".example"


def test_every_text_is_shown_and_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", "preview"]) == 0
    told = capsys.readouterr().out
    assert all(f"{template}  {lang}  " in told for template in TEMPLATES for lang in ("zh", "en"))
    assert "0 of more than two segments" in told


def test_one_language_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", "preview", "--lang", "en", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["template"] for row in rows} == set(TEMPLATES)
    assert {(row["lang"], row["encoding"]) for row in rows} == {("en", "GSM-7")}
    assert max(row["segments"] for row in rows) == 2


def test_a_text_that_is_too_long_is_told_and_ends_in_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIREWATCH_PUBLIC_URL", LONG_URL)
    assert main(["messages", "preview"]) == 1
    told = capsys.readouterr().out
    assert "TOO LONG" in told
    assert "sms.report  zh" in told
    assert main(["messages", "preview", "--json"]) == 1
    bad = {row["template"] for row in json.loads(capsys.readouterr().out) if not row["fits"]}
    assert bad == {template for template in TEMPLATES if template.endswith(LINKED)}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_texts_shows_them_in_both_languages(
    db: Database, clock: FixedClock, rulebook: Rulebook, lang: str
) -> None:
    officer = open_desk(db, clock, rulebook).person(lang=lang)
    assert "/messages/texts" in officer.page("/messages")
    page = said(officer.page("/messages/texts"))
    assert "【调度令】" in page
    assert "ORDER: " in page
    assert {"zh": "每条都不超过 2 段", "en": "None needs more than 2 segments"}[lang] in page
