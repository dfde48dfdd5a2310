"""What became of a week and a season, as anybody reads it: page, PDF and JSON of one object, also without a server."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from sqlmodel import col, delete, select

from firewatch.__main__ import main
from firewatch.bulletins import draft, record, release, review
from firewatch.bulletins.summary import Summary
from firewatch.clock import FixedClock, local_day
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.hotspots.models import Confidence, HotspotDetection, HotspotTicket, TicketState
from firewatch.incidents.models import Incident, IncidentState
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import Action, Signal, WarningState, Why, ZoneWarning
from firewatch.web.main import build
from firewatch.web.services import Services
from tests.service import outlook
from tests.service.console import Desk, Person, open_desk, said

DAY = timedelta(days=1)
MONDAY, SUNDAY = date(2026, 3, 30), date(2026, 4, 5)
WEEK = "/bulletins/weeks/2026-W14"
SEASON = "/bulletins/seasons/2025"
NOTE = {"zh": "资料有误", "en": "figures were wrong"}
AFTER = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)


def play(desk: Desk, last: date) -> None:
    """Weather, outlook and a signed bulletin of every day until `last`, and the weather of the day after."""
    while local_day(desk.clock.now(), desk.book.alliance.tz) <= last:
        on = local_day(desk.clock.now(), desk.book.alliance.tz)
        outlook.fetch(desk.db, desk.clock, desk.book)
        outlook.make(desk.db, desk.clock, desk.book)
        with desk.db.write() as session:
            row = draft.draw_up(session, desk.clock, desk.book, on)
            release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "值班员甲")
        desk.clock.advance(days=1)
    outlook.fetch(desk.db, desk.clock, desk.book)


@pytest.fixture
def empty(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    """Nothing on record, on each kind of database."""
    return open_desk(db, clock, rulebook)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, rulebook: Rulebook) -> Path:
    """A week and the day before it, played once for all tests that begin with it."""
    file = tmp_path_factory.mktemp("week") / "firewatch.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    play(open_desk(database, FixedClock(datetime(2026, 3, 29, 4, 0, tzinfo=UTC)), rulebook), SUNDAY)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return file


@pytest.fixture
def desk(played: Path, tmp_path: Path, rulebook: Rulebook) -> Iterator[Desk]:
    """The Monday after the week that was played."""
    file = tmp_path / "played.db"
    file.write_bytes(played.read_bytes())
    database, clock = Database(f"sqlite:///{file}"), FixedClock(AFTER)
    yield Desk(database, clock, rulebook, build(Services(db=database, clock=clock, book=rulebook)))
    database.dispose()


@pytest.fixture
def reader(desk: Desk) -> Person:
    return desk.person(None)


def facts(reader: Person, address: str = WEEK) -> Summary:
    answer = reader.client.get(f"{address}.json")
    assert answer.status_code == 200, answer.text
    return Summary.model_validate_json(answer.content)


def pages(data: bytes) -> Iterator[str]:
    with pypdfium2.PdfDocument(BytesIO(data)) as pdf:
        for page in pdf:
            yield page.get_textpage().get_text_bounded()


def graded(desk: Desk) -> dict[tuple[str, date], int]:
    with desk.db.read() as session:
        rows = session.exec(select(ZoneGrade).where(ZoneGrade.scheme == desk.book.danger.scheme)).all()
        return {(row.zone_id, row.on): row.grade for row in rows}


def test_page_and_object_say_what_was_assessed(empty: Desk) -> None:
    empty.clock.at = datetime(2026, 3, 29, 4, 0, tzinfo=UTC)
    play(empty, SUNDAY)
    desk, reader = empty, empty.person(None)
    found, stored = facts(reader), graded(desk)
    assert (found.first, found.last, found.until, found.over) == (MONDAY, SUNDAY, SUNDAY, True)
    page = reader.page(WEEK)
    for zone in found.zones:
        assert list(zone.grades) == [stored[zone.id, on] for on in found.days]
        row = re.search(rf'<th scope="row">{zone.name_en}</th>((?:<td class="g\d">\d</td>)+)</tr>', page)
        assert row is not None
        assert tuple(map(int, re.findall(r">(\d)<", row[1]))) == zone.grades
    assert "7 bulletins were published." in said(page)
    assert page.count('<svg class="chart"') == 8
    assert all(spread is not None for spread in found.indices["fwi"])


def test_the_score_is_of_what_the_bulletins_said(desk: Desk, reader: Person) -> None:
    stored, pairs = graded(desk), dict.fromkeys((1, 2, 3), (0, 0))
    with desk.db.read() as session:
        for row in record.archive(session, MONDAY - 3 * DAY, SUNDAY):
            for zone in record.published(row).content.zones:
                for day in zone.days:
                    if MONDAY <= day.on <= SUNDAY:
                        number, hits = pairs[(day.on - row.on).days]
                        pairs[(day.on - row.on).days] = number + 1, hits + (day.grade == stored[zone.id, day.on])
    found = facts(reader)
    assert {score.lead: (score.pairs, score.hits) for score in found.scores} == pairs
    assert pairs[1][0] == 7 * len(desk.book.zones)
    assert pairs[3][0] == 5 * len(desk.book.zones), "the series began the day before the week"
    assert f"1 day ahead: of {pairs[1][0]} forecasts {pairs[1][1]} were right" in said(reader.page(WEEK))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", [WEEK, SEASON])
def test_the_sheets_can_be_read_in_order(reader: Person, address: str, lang: str) -> None:
    data = reader.client.get(f"{address}.pdf?lang={lang}").content
    text = re.sub(r"\s+", "", "".join(pages(data)))
    parts = re.findall(r"<p>(?:<strong>)?([^<]{6,})(?:</strong>)?</p>", reader.page(f"{address}?lang={lang}"))
    stand = [text.index(re.sub(r"\s+", "", part)) for part in parts]
    assert len(stand) >= 7
    assert stand == sorted(stand)
    for mark in (b"/FontFile", b"/StructTreeRoot", b"pdfuaid"):
        assert mark in data
    again = reader.client.get(f"{address}.pdf?lang={lang}").content
    assert again == data


def test_what_is_not_over_is_told_and_not_counted(desk: Desk, reader: Person) -> None:
    desk.clock.at = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
    found = facts(reader)
    assert found.until == date(2026, 4, 1)
    assert all(zone.grades[3:] == (None,) * 4 for zone in found.zones)
    page = reader.page(WEEK)
    assert "It is not over: the figures reach to 1 April 2026." in said(page)
    assert page.count("<td></td>") == 4 * len(found.zones)
    assert "The week after" not in page
    assert "The week before" in page


def test_a_day_that_is_not_complete_is_not_told_as_no_data(desk: Desk, reader: Person) -> None:
    with desk.db.write() as session:
        for row in session.exec(select(ZoneGrade).where(ZoneGrade.on == SUNDAY)):
            row.provisional = True
            session.add(row)
        session.exec(delete(ZoneGrade).where(col(ZoneGrade.on) == MONDAY))
        for row in session.exec(select(ZoneGrade).where(ZoneGrade.on == MONDAY + DAY)):
            row.grade, row.flags = 0, "fwi_rests"
            session.add(row)
    found = facts(reader)
    assert {zone.grades[1] for zone in found.zones} == {None}, "out of season by the scheme"
    assert {zone.grades[0] for zone in found.zones} == {0}, "a day that nobody assessed has no data"
    assert {zone.grades[-1] for zone in found.zones} == {None}
    page = reader.page(WEEK)
    assert "no data is not no danger" in said(page)
    assert page.count('<td class="g0">–</td>') == len(found.zones), "a dash on hatching, as on the map"
    assert page.count("<td></td>") == 2 * len(found.zones)


def test_a_week_without_a_bulletin_is_summed_up_all_the_same(empty: Desk) -> None:
    outlook.fetch(empty.db, empty.clock, empty.book)
    text = said(empty.person(None).page("/bulletins/weeks/2026-W13"))
    assert "No bulletin was published." in text
    assert "No forecast can be compared with what came yet." in text
    assert "The highest was grade" in text
    assert "nothing to sum up" in empty.person(None).page("/bulletins/summaries")


def test_what_names_nothing_is_not_found(reader: Person) -> None:
    for address in ("weeks/2026-W54", "weeks/x", "weeks/2020-W01", "weeks/2026-W30", "seasons/1999", "seasons/x"):
        for ending in ("", ".json", ".pdf"):
            assert reader.client.get(f"/bulletins/{address}{ending}").status_code == 404, address + ending


def events(desk: Desk, first: datetime, after: datetime) -> None:
    """Fires, hot spots and warnings at the first instant of a week, within it, and at the first after it."""
    inside = first + timedelta(days=3)
    with desk.db.write() as session:
        for at, zone, state in (
            (first, "kangle", IncidentState.CLOSED),
            (inside, "kangle", IncidentState.FALSE_ALARM),
            (inside, None, IncidentState.REPORTED),
            (after, "hezheng", IncidentState.REPORTED),
            (first - timedelta(seconds=1), "hezheng", IncidentState.REPORTED),
        ):
            session.add(
                Incident(state=state, lat=35.3, lon=103.6, zone_id=zone, organiser_agency_id="kangle", opened_at=at)
            )
        for n, at in enumerate((first, inside, after)):
            session.add(hotspot(at, n))
            session.flush()
            session.add(detection(at, n + 1))
        for n, (action, signal) in enumerate(((Action.ISSUE, Signal.RED), (Action.PROLONG, Signal.RED))):
            session.add(warning(inside, ("kangle", "hezheng")[n], action, signal))


def hotspot(at: datetime, number: int) -> HotspotTicket:
    return HotspotTicket(
        state=(TicketState.CONFIRMED, TicketState.OPEN, TicketState.OPEN)[number],
        lat=35.3,
        lon=103.6,
        zone_ids=["kangle"],
        first_seen_at=at,
        last_seen_at=at,
        detections=1,
        confidence=Confidence.HIGH,
        opened_at=at,
        deadline_at=at,
    )


def detection(at: datetime, ticket: int) -> HotspotDetection:
    return HotspotDetection(
        source="VIIRS_NOAA20_NRT",
        satellite="N20",
        instrument="VIIRS",
        acquired_at=at,
        lat=35.3,
        lon=103.6,
        confidence=Confidence.HIGH,
        fetched_at=at,
        ticket_id=ticket,
    )


def warning(at: datetime, zone: str, action: Action, signal: Signal) -> ZoneWarning:
    return ZoneWarning(
        zone_id=zone,
        action=action,
        signal=signal,
        scheme="lyt1172",
        grade=5,
        why=Why.GRADES,
        state=WarningState.ISSUED,
        drafted_by="firewatch",
        drafted_at=at,
        alarm_at=at,
        valid_from=at,
    )


def test_events_are_counted_by_local_day(empty: Desk) -> None:
    empty.clock.at, reader = AFTER, empty.person(None)
    outlook.fetch(empty.db, empty.clock, empty.book)
    events(empty, datetime(2026, 3, 29, 16, 0, tzinfo=UTC), datetime(2026, 4, 5, 16, 0, tzinfo=UTC))
    found = facts(reader)
    assert (found.fires.reported, found.fires.false_alarms) == (3, 1)
    assert found.fires.zones == {"": 1, "kangle": 2}
    assert (found.hotspots.detections, found.hotspots.zones) == (2, {"kangle": 2})
    assert found.hotspots.tickets == {"confirmed": 1, "open": 1}
    assert found.warnings == {"red": {"kangle": 1}}, "what is prolonged is no new warning"
    text = said(reader.page(WEEK))
    assert "3 fires were reported: Kangle County 2, outside the zones 1. 1 of them was a false alarm." in text
    assert "RED (first class, highest) 1 (Kangle County 1)" in text


def test_corrections_and_withdrawals_are_told(desk: Desk, reader: Person) -> None:
    with desk.db.write() as session:
        release.withdraw(session, desk.clock, desk.book, SUNDAY, "officer", "值班员甲", NOTE)
        row = release.correct(session, desk.clock, MONDAY, "officer", NOTE)
        release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "值班员甲")
    text = said(reader.page(WEEK))
    assert "6 bulletins were published. 1 of them was corrected. 1 more was withdrawn." in text


def test_weeks_and_seasons_are_listed_and_lead_to_each_other(reader: Person) -> None:
    assert "/bulletins/summaries" in reader.page("/bulletins")
    assert WEEK in reader.page(f"/bulletins/{MONDAY}")
    listed = reader.page("/bulletins/summaries")
    assert re.findall(r'href="(/bulletins/weeks/[^"]+)"', listed) == [WEEK, "/bulletins/weeks/2026-W13"]
    assert re.findall(r'href="(/bulletins/seasons/[^"]+)"', listed) == [SEASON]
    assert "30 March – 5 April · 7 bulletins" in said(listed)
    page = reader.page(WEEK)
    for address in re.findall(r'href="(/bulletins[^"]*)"', page):
        assert reader.client.get(address.replace("&amp;", "&")).status_code == 200, address
    assert "Fire danger in the season 2025–2026" in page


def test_the_same_without_a_server(desk: Desk, reader: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", desk.db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FIREWATCH_CLOCK_START", desk.clock.now().isoformat())
    monkeypatch.setenv("FIREWATCH_REPLAY", "made-up")
    out = tmp_path / "out"
    assert main(["bulletin", "--week", "2026-W14", "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == {f"week-2026-W14{each}" for each in (".json", ".zh.pdf", ".en.pdf")}
    assert (out / "week-2026-W14.zh.pdf").read_bytes() == reader.client.get(f"{WEEK}.pdf?lang=zh").content
    assert json.loads((out / "week-2026-W14.json").read_text("utf-8")) == reader.client.get(f"{WEEK}.json").json()
    assert main(["bulletin", "--season", "2025", "--out", str(out), "--lang", "en"]) == 0
    assert (out / "season-2025.en.pdf").is_file()
    assert not (out / "season-2025.zh.pdf").exists()
    for wrong in (["--week", "2026-W99"], ["--season", "x"], ["--week", "2026-W14", "--draft"]):
        assert main(["bulletin", *wrong, "--out", str(out)]) == 2


def test_the_season_is_the_calendars(desk: Desk, rulebook: Rulebook) -> None:
    with desk.db.read() as session:
        (season,) = review.seasons(session, rulebook)
    assert (season.first, season.last) == (date(2025, 10, 1), date(2026, 5, 31))
