"""A drill says on every page what it is; the real service says when one is held, and keeps its records."""

from dataclasses import replace
from pathlib import Path

import pytest

from firewatch import drill, i18n
from firewatch.bulletins import draft, record, release
from firewatch.clock import FixedClock, local_day
from firewatch.db import Database
from firewatch.messaging.models import Message, MessageState
from firewatch.rulebook.read import Rulebook
from firewatch.training.folder import RECORD, Drills
from firewatch.training.seal import sealed
from firewatch.web.night import facts
from firewatch.web.services import Drilling
from tests.build import KANGLE, ordered_fire, report_fire, rows, set_rows
from tests.service import outlook
from tests.service.console import Desk, open_desk, said

REAL = "https://firewatch.example"
TEMPLATES = sorted((Path(facts.__file__).parents[1] / "templates").glob("*.html"))
SIGNED_IN = (
    *("/", "/report", "/danger", "/messages", "/warnings", "/bulletins", "/hotspots", "/resources", "/roster"),
    *(
        "/sources",
        "/incidents/1",
        "/lists/incidents",
        "/search",
        "/handover",
        "/nightsheet",
        "/wall",
        "/drill",
        "/none",
    ),
)
FOR_ALL = ("/ack", "/a/nothing", "/sign-in", "/bulletins", "/bulletins/widget", "/widget")


@pytest.fixture
def real(db: Database, clock: FixedClock, rulebook: Rulebook, tmp_path: Path) -> Desk:
    desk = open_desk(db, clock, rulebook)
    desk.app.state.firewatch = replace(desk.app.state.firewatch, drills=Drills(tmp_path / "drills"))
    return desk


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    """A drill."""
    desk = open_desk(db, clock, rulebook)
    with db.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
    desk.app.state.firewatch = replace(desk.app.state.firewatch, drill=Drilling("spring", REAL))
    return desk


def get(desk: Desk, address: str, lang: str, username: str | None) -> str:
    return str(desk.person(username, lang).client.get(address, params={"lang": lang}).text)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_every_page_of_a_drill_says_so_in_colour_title_and_words(desk: Desk, lang: str) -> None:
    ordered_fire(desk.db, desk.clock, desk.book, KANGLE)
    pages = [get(desk, address, lang, "officer") for address in SIGNED_IN]
    pages += [get(desk, address, lang, None) for address in FOR_ALL]
    lead, word = i18n.text(lang, "drill.lead"), i18n.text(lang, "drill.word")
    for address, page in zip((*SIGNED_IN, *FOR_ALL), pages, strict=True):
        assert f"<title>{lead}" in page, address
        assert ' class="drill">' in page, address
        assert f'<p class="drill-banner" role="note"><strong>{word}</strong>' in page, address
        assert (REAL in page) == (address not in FOR_ALL or page in pages[: len(SIGNED_IN)]), address


def test_the_real_service_says_nothing_of_the_kind(real: Desk) -> None:
    ordered_fire(real.db, real.clock, real.book, KANGLE)
    for address in SIGNED_IN:
        page = get(real, address, "zh", "officer")
        assert "drill-banner" not in page, address
        assert "<title>【演练】" not in page, address


@pytest.mark.parametrize("template", [each for each in TEMPLATES if "<head>" in each.read_text("utf-8")])
def test_no_page_can_be_made_without_it(template: Path) -> None:
    text = template.read_text("utf-8")
    for part in ("{{ drill.colours() }}", "<title>{{ drill.lead() }}", "{{ drill.banner() }}"):
        assert part in text, f"{template.name} has no {part}"


def test_both_may_be_open_in_one_browser(desk: Desk) -> None:
    person = desk.person(None)
    assert person.sign_in("officer").headers["set-cookie"].startswith("firewatch_drill_session=")
    assert "firewatch_session" not in person.client.cookies, "that is the real service's, on another port"
    person.press("/", "Sign out")
    assert person.client.get("/").status_code == 303


def test_a_text_that_was_held_back_says_why(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book)
    numbers = [row.id for row in rows(desk.db, Message)]
    set_rows(desk.db, Message, numbers, state=MessageState.HELD, error="drill.not_agreed", finished_at=desk.clock.now())
    officer = desk.person()
    assert said(officer.page("/incidents/1")).count("held back: drill – shown on the screen only") == len(numbers)
    page = said(officer.page("/messages"))
    assert page.count("this person has not agreed to get its texts") == len(numbers)
    assert "[DRILL] FIRE" in page or "【演练】【火情】" in page


def test_a_text_answered_by_its_code_is_shown_with_its_word(desk: Desk) -> None:
    report_fire(desk.db, desk.clock, desk.book)
    text = rows(desk.db, Message)[0]
    person = desk.person(None, "zh")
    answer = person.client.post("/ack", data={"code": text.code, "last": text.to[-4:]})
    assert "【演练】【火情】" in answer.text


def test_nobody_subscribes_to_the_bulletins_of_a_drill(desk: Desk) -> None:
    assert desk.app.state.firewatch.subscribed_by == ()


def test_a_bulletin_of_a_drill_says_so_in_every_form(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    book = sealed(replace(rulebook, alliance=rulebook.alliance.model_copy(update={"demonstration": False})))
    console = open_desk(db, clock, book)
    outlook.fetch(db, clock, book)
    outlook.make(db, clock, book)
    on = local_day(clock.now(), book.alliance.tz)
    with db.write() as session:
        session.add(drill.Drill(name="spring", began_at=clock.now()))
        session.flush()
        row = draft.draw_up(session, clock, book, on)
        release.sign(session, clock, book, record.number_of(row), "officer", "值班员甲", checked="审核员乙")
    services = replace(console.app.state.firewatch, demo=False, replay_note="", drill=Drilling("spring", REAL))
    console.app.state.firewatch = services
    reader = console.person(None, "zh")
    published = {suffix: reader.page(f"/bulletins{suffix}") for suffix in ("", f"/{on}", f"/{on}.json", ".atom")}
    assert [suffix for suffix, text in published.items() if "【演练】" not in text] == []
    assert i18n.text("zh", "bulletin.note_drill") in published[f"/{on}"]
    assert "<status>Exercise</status>" in reader.page(f"/bulletins/{on}.cap.xml").replace("cap:", "")


def test_the_bar_of_the_real_service_tells_of_a_drill_that_is_held(real: Desk) -> None:
    drills: Drills = real.app.state.firewatch.drills
    officer = real.person()
    assert "is being held" not in officer.page("/")
    assert "No drill is being held now" in officer.page("/drill")
    drills.sign("spring", "http://127.0.0.1:8001")
    assert "The drill “spring” is being held." in said(officer.page("/"))
    assert 'href="http://127.0.0.1:8001"' in officer.page("/drill")
    assert "is being held" not in real.person(None).page("/sign-in")
    drills.end("spring")
    drills.end("spring")
    assert "is being held" not in officer.page("/")


def test_records_of_drills_are_kept_and_handed_out(real: Desk, tmp_path: Path) -> None:
    drills: Drills = real.app.state.firewatch.drills
    assert "no training records yet" in real.person().page("/drill")
    (drills.of("spring")).mkdir(parents=True)
    (drills.of("spring") / RECORD).write_bytes(b"a,b")
    (tmp_path / "firewatch.csv").write_text("secret")
    viewer = real.person("viewer")
    assert "/drill/spring.csv" in viewer.page("/drill")
    assert viewer.client.get("/drill/spring.csv").content == b"a,b"
    for address in ("/drill/autumn.csv", "/drill/..%2Ffirewatch.csv", "/drill/this/record.csv"):
        assert viewer.client.get(address).status_code == 404, address
    assert real.person(None).client.get("/drill/spring.csv").status_code == 303
