"""A bulletin is drafted, edited, signed, read by anybody, corrected and withdrawn, through its pages."""

import json
from datetime import date

import pytest

from firewatch.bulletins.content import Document
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.build import rows
from tests.service import outlook
from tests.service.console import Desk, forms, open_desk, said

ON = date(2026, 4, 1)
PAGE = f"/bulletins/{ON}"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    found = open_desk(db, clock, rulebook)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    return found


def sign(desk: Desk, **typed: str) -> None:
    officer = desk.person()
    officer.press("/bulletins", "Draft it now")
    officer.press(f"{PAGE}/desk", "Sign and publish", 303, do="sign", **typed)


def test_from_the_draft_to_the_public_page(desk: Desk) -> None:
    officer, anybody = desk.person(), desk.person(None)
    assert "No bulletin has been issued yet." in said(anybody.page("/bulletins"))
    assert "Draft it now" not in anybody.page("/bulletins")
    officer.press("/bulletins", "Draft it now")
    assert "Draft: not signed yet" in said(officer.page(f"{PAGE}/desk"))
    anybody.page(PAGE, 404)
    officer.press(f"{PAGE}/desk", "Keep", 303, do="keep", **{"zh.advice": "请勿用火。"})
    assert "As drafted:" in said(officer.page(f"{PAGE}/desk"))
    officer.press(f"{PAGE}/desk", "Sign and publish", do="sign", checked="Officer B")
    text = said(anybody.page(PAGE))
    for part in (
        "No. 1 of 2026 (no. 1 of all)",
        "Prepared: Officer A",
        "checked: Officer B",
        "signed: Officer A",
        "Not official boundaries",
    ):
        assert part in text
    assert "请勿用火。" in said(desk.person(None, lang="zh").page(PAGE))
    assert PAGE in anybody.page("/bulletins")


def test_page_and_json_say_the_same(desk: Desk) -> None:
    sign(desk)
    anybody = desk.person(None)
    told = Document.model_validate(json.loads(anybody.page(f"{PAGE}.json")))
    text = said(anybody.page(PAGE))
    assert told == Document.model_validate(rows(desk.db, Bulletin)[0].document)
    assert told.texts["en"].weather in text
    for zone in told.content.zones:
        assert f"{zone.name_en} grade {zone.grade} (" in text


def test_a_correction_and_a_withdrawal_need_a_note_and_stay_on_record(desk: Desk) -> None:
    sign(desk)
    officer, anybody = desk.person(), desk.person(None)
    assert "in both languages" in officer.press(f"{PAGE}/desk", "Draft a correction", 422).text
    note = {"note.zh": "更正风力", "note.en": "wind corrected"}
    officer.press(f"{PAGE}/desk", "Draft a correction", 303, **note)
    assert "wind corrected" not in anybody.page(PAGE)
    officer.press(f"{PAGE}/desk", "Sign and publish", do="sign")
    assert "Corrected: wind corrected" in said(anybody.page(PAGE))
    form = next(form for form in forms(officer.page(f"{PAGE}/desk")) if form.action == f"{PAGE}/correct")
    assert officer.client.post(f"{PAGE}/withdraw", data=form.values).status_code == 422
    gone = {"note.zh": "资料有误", "note.en": "figures were wrong"}
    assert officer.client.post(f"{PAGE}/withdraw", data=form.values | gone).status_code == 303
    text = said(anybody.page(PAGE))
    assert "This bulletin has been withdrawn: figures were wrong" in text
    assert "Advice" not in text
    states = [row.state for row in rows(desk.db, Bulletin)]
    assert states == [BulletinState.REPLACED, BulletinState.REPLACED, BulletinState.ISSUED]


def test_an_empty_text_and_a_missing_reason_are_told(desk: Desk) -> None:
    officer = desk.person()
    officer.press("/bulletins", "Draft it now")
    assert "nothing was kept" in officer.press(f"{PAGE}/desk", "Keep", 422, do="keep", **{"en.weather": " "}).text
    assert "nothing was kept" in officer.press(f"{PAGE}/desk", "Keep", 422, do="reject").text
    officer.press(f"{PAGE}/desk", "Keep", do="reject", reason="figures not plausible")
    assert "figures not plausible" in said(officer.page(f"{PAGE}/desk"))
    officer.press(f"{PAGE}/desk", "Draft it now")
    officer.press(f"{PAGE}/desk", "Draft it anew")
    assert [row.state for row in rows(desk.db, Bulletin)] == [*[BulletinState.DROPPED] * 2, BulletinState.DRAFT]


def test_a_viewer_only_reads(desk: Desk) -> None:
    desk.person().press("/bulletins", "Draft it now")
    viewer = desk.person("viewer")
    assert "Sign and publish" not in viewer.page(f"{PAGE}/desk")
    assert viewer.client.post(f"{PAGE}/draw", data={}).status_code == 403
    assert desk.person(None).client.get(f"{PAGE}/desk").status_code in (303, 401)
