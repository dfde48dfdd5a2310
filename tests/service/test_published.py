"""What a bulletin is published as: every form says the same, and programs can read theirs."""

import json
import re
import struct
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pypdfium2
import pytest
import xmlschema
from icalendar import Calendar

from firewatch.__main__ import main
from firewatch.bulletins import draft, record, release
from firewatch.bulletins.content import Document
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.bulletins import Cap
from firewatch.rulebook.read import Rulebook
from firewatch.warnings.models import Action, Signal, WarningState, Why, ZoneWarning
from firewatch.web.main import build
from firewatch.web.published import cap, typeset
from firewatch.web.published.forms import FORMS
from firewatch.web.services import Services
from tests.service import outlook
from tests.service.console import Desk, Person, open_desk

PNG = b"\x89PNG\r\n\x1a\n"
COLOURS = {1: (124, 196, 138), 2: (47, 111, 208), 3: (255, 230, 0), 4: (255, 154, 31), 5: (163, 0, 27)}
SEASON_DAYS = 212
TODAY = date(2026, 4, 1)
CAP = f"{{{cap.NAMESPACE}}}"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    made = open_desk(db, clock, rulebook)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)
    with db.write() as session:
        row = draft.draw_up(session, clock, rulebook, TODAY)
        release.sign(session, clock, rulebook, record.number_of(row), "officer", "值班员甲", checked="审核员乙")
    return made


@pytest.fixture
def reader(desk: Desk) -> Person:
    return desk.person(None)


def get(reader: Person, address: str) -> bytes:
    answer = reader.client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    return bytes(answer.content)


def document(reader: Person) -> dict[str, object]:
    found: dict[str, object] = json.loads(get(reader, f"/bulletins/{TODAY}.json"))
    return found


def grades(reader: Person) -> dict[str, int]:
    """The grade of each zone as the one object has it."""
    content = document(reader)["content"]
    assert isinstance(content, dict)
    return {zone["id"]: zone["days"][0]["grade"] for zone in content["zones"]}


def pages(data: bytes) -> Iterator[str]:
    with pypdfium2.PdfDocument(BytesIO(data)) as pdf:
        for page in pdf:
            yield page.get_textpage().get_text_bounded()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sheet_can_be_read_in_order_and_holds_its_font(reader: Person, rulebook: Rulebook, lang: str) -> None:
    data = get(reader, f"/bulletins/{TODAY}.pdf?lang={lang}")
    text = re.sub(r"\s+", "", "".join(pages(data)))
    texts = document(reader)["texts"]
    assert isinstance(texts, dict)
    parts = [re.sub(r"\s+", "", texts[lang][each]) for each in ("weather", "danger", "changes", "outlook", "advice")]
    stand = [text.index(part) for part in parts]
    assert stand == sorted(stand)
    for zone in rulebook.zones:
        assert re.sub(r"\s+", "", getattr(zone, f"name_{lang}")) in text
    assert b"/FontFile" in data
    assert b"/StructTreeRoot" in data
    assert b"pdfuaid" in data


def test_equal_input_gives_equal_bytes(reader: Person, desk: Desk) -> None:
    again = build(Services(db=desk.db, clock=desk.clock, book=desk.book))  # with nothing on its shelf
    other = Desk(desk.db, desk.clock, desk.book, again).person(None)
    for form in ("pdf", "png", "card.png"):
        assert get(reader, f"/bulletins/{TODAY}.{form}") == get(other, f"/bulletins/{TODAY}.{form}")


def test_pictures_have_the_size_and_the_colours_they_should(reader: Person) -> None:
    card, drawn = get(reader, f"/bulletins/{TODAY}.card.png"), get(reader, f"/bulletins/{TODAY}.png")
    assert card.startswith(PNG)
    assert struct.unpack(">II", card[16:24]) == (1200, 630)
    assert drawn.startswith(PNG)
    svg = get(reader, f"/bulletins/{TODAY}.svg").decode()
    ET.fromstring(svg)  # noqa: S314 - ours
    assert "var(" not in svg
    assert svg.count('class="hatched"') > 1
    assert svg.count('class="hatched"') == len(re.findall(r'class="g[05]"[^>]*/><(?:path|rect) class="hatched"', svg))
    for text in ("#a3001b", "20 km", ">N<", "审图号" if "审图号" in svg else "map approval"):
        assert text in svg
    with_sheet = next(iter(rendered(get(reader, f"/bulletins/{TODAY}.pdf"))))
    seen = {tuple(pixel) for pixel in with_sheet.reshape(-1, with_sheet.shape[-1])[:, :3].tolist()}
    for grade in set(grades(reader).values()):
        assert COLOURS[grade] in seen, f"grade {grade} stands on the page"


def rendered(data: bytes) -> Iterator[Any]:
    with pypdfium2.PdfDocument(BytesIO(data)) as pdf:
        for page in pdf:
            yield page.render(scale=2, rev_byteorder=True).to_numpy()


def test_every_form_says_the_same(reader: Person, rulebook: Rulebook) -> None:
    """The one object is the source: what can be read back out of each form agrees with it."""
    told = grades(reader)
    assert set(told) == {zone.id for zone in rulebook.zones}
    collection = json.loads(get(reader, f"/bulletins/{TODAY}.geojson"))
    assert {each["id"]: each["properties"]["grade"] for each in collection["features"]} == told
    assert {each["id"] for each in collection["features"] if each["geometry"]["coordinates"]} == set(told)
    by_name = {zone.name_en: told[zone.id] for zone in rulebook.zones}
    svg = get(reader, f"/bulletins/{TODAY}.svg?lang=en").decode()
    drawn = {name: int(grade) for name, grade in re.findall(r"<g class=\"zone\"><title>([^:]+): (\d)", svg)}
    assert drawn == by_name
    alert = ET.fromstring(get(reader, f"/bulletins/{TODAY}.cap.xml"))  # noqa: S314 - ours
    for lang in ("zh-CN", "en-GB"):
        assert alerted(alert, lang) == told
    sheet = re.sub(r"\s+", " ", "".join(pages(get(reader, f"/bulletins/{TODAY}.pdf?lang=en"))))
    for grade in set(by_name.values()):
        names = ", ".join(zone.name_en for zone in rulebook.zones if by_name[zone.name_en] == grade)
        assert re.search(rf"grade {grade} \(\w+\): {names}", sheet), sheet


def alerted(alert: ET.Element, lang: str) -> dict[str, int]:
    """The grade of each zone as an alert tells it in a language."""
    found = {}
    for info in alert.iter(f"{CAP}info"):
        if info.findtext(f"{CAP}language") == lang:
            pairs = {
                each.findtext(f"{CAP}valueName"): each.findtext(f"{CAP}value") for each in info.iter(f"{CAP}parameter")
            }
            grade = pairs["dangerGrade"] or ""
            assert info.findtext(f"{CAP}severity") == cap.BY_GRADE[0 if grade == "none" else int(grade)]
            for area in info.iter(f"{CAP}area"):
                found[area.findtext(f"{CAP}geocode/{CAP}value") or ""] = 0 if grade == "none" else int(grade)
    return found


def schema(reference: Path) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(reference / "schemas" / "CAP-v1.2.xsd")


@pytest.mark.reference
def test_alerts_hold_to_the_schema_through_every_version(desk: Desk, reader: Person, reference: Path) -> None:
    rules, address = schema(reference), f"/bulletins/{TODAY}.cap.xml"
    first = get(reader, address).decode()
    rules.validate(first)
    assert "<msgType>Alert</msgType>" in first
    note = {"zh": "更正风力", "en": "wind corrected"}
    with desk.db.write() as session:
        row = release.correct(session, desk.clock, TODAY, "officer", note)
        release.sign(session, desk.clock, desk.book, record.number_of(row), "officer", "值班员甲")
    second = get(reader, address).decode()
    rules.validate(second)
    assert "<msgType>Update</msgType>" in second
    assert re.search(rf"<references>\S+,firewatch.bulletin.{TODAY}.1,\S+</references>", second)
    with desk.db.write() as session:
        release.withdraw(session, desk.clock, desk.book, TODAY, "officer", "值班员甲", note)
    third = get(reader, address).decode()
    rules.validate(third)
    assert "<msgType>Cancel</msgType>" in third
    assert len(re.findall("<references>.*</references>", third)[0].split()) == 2
    assert "wind corrected" in third
    assert "has been withdrawn" in " ".join(pages(get(reader, f"/bulletins/{TODAY}.pdf?lang=en")))


@pytest.mark.reference
def test_a_whole_season_of_alerts_holds_to_the_schema(desk: Desk, reader: Person, reference: Path) -> None:
    """212 days, every grade and "no data" among them, under a national profile with codes of its own."""
    rules, whole = schema(reference), Document.model_validate_json(get(reader, f"/bulletins/{TODAY}.json"))
    profile = Cap(sender="cap.example.cn", codes=["profile:CAP-CN:1.0"], code_name="eventType", bulletin_code="11A00")
    sender = cap.Sender(profile, "https://firewatch.example", exercise=False, zones=desk.book.zones)
    valid = 0
    for n in range(SEASON_DAYS):
        alert = cap.bulletin(day_of_season(whole, n), sender).decode()
        rules.validate(alert)
        valid += 1
        assert "<value>11A00</value>" in alert
        assert "<status>Actual</status>" in alert
    assert valid == SEASON_DAYS


def day_of_season(whole: Document, n: int) -> Document:
    """The bulletin of another day, its grades turned round."""
    content, step = whole.content, n * timedelta(days=1)
    zones = [
        zone.model_copy(
            update={
                "days": tuple(
                    day.model_copy(update={"on": day.on + step, "grade": (day.grade + n + place) % 6})
                    for day in zone.days
                )
            }
        )
        for place, zone in enumerate(content.zones)
    ]
    moved = {"on": content.on + step, "valid_from": content.valid_from + step, "valid_to": content.valid_to + step}
    return whole.model_copy(update={"content": content.model_copy(update={"zones": tuple(zones), **moved})})


def test_the_feed_is_read_by_a_reader_of_feeds(reader: Person) -> None:
    feed = feedparser.parse(get(reader, "/bulletins.atom?lang=en"))
    assert not feed.bozo
    assert feed.version == "atom10"
    (entry,) = feed.entries
    assert entry.id.endswith(f"/bulletins/{TODAY}")
    assert "grade" in entry.summary
    assert {link.rel for link in entry.links} == {"alternate", "enclosure"}


@pytest.mark.reference
def test_a_warning_is_told_as_an_alert_and_stands_in_the_calendar(desk: Desk, reader: Person, reference: Path) -> None:
    with desk.db.write() as session:
        row = ZoneWarning(
            zone_id="kangle",
            action=Action.ISSUE,
            signal=Signal.ORANGE,
            scheme="lyt1172",
            grade=4,
            why=Why.GRADES,
            state=WarningState.ISSUED,
            drafted_by="firewatch",
            drafted_at=desk.clock.now(),
            alarm_at=desk.clock.now(),
            approved_by="officer",
            approved_name="值班员甲",
            approved_at=desk.clock.now(),
            signatures=[{"zh": "应急管理部门", "en": "Emergency management department"}],
            valid_from=desk.clock.now(),
            valid_to=desk.clock.now() + timedelta(days=1),
            since_at=desk.clock.now(),
        )
        session.add(row)
        session.flush()
        number = row.id
        waits = {"state": WarningState.DRAFT, "action": Action.LIFT, "signal": None, "valid_from": None}
        draft_of_end = ZoneWarning(**row.model_dump(exclude={"id"}) | waits | {"replaces_id": number})
        session.add(draft_of_end)
        session.flush()
        told_later = draft_of_end.id
    alert = get(reader, f"/warnings/{number}.cap.xml").decode()
    schema(reference).validate(alert)
    assert "<severity>Severe</severity>" in alert
    assert "Kangle County: forest and grassland fire warning ORANGE" in alert
    assert "dangerGrade" not in alert, "a signal is no grade"
    made = Calendar.from_ical(get(reader, "/warnings.ics?lang=en"))
    (event,) = made.walk("VEVENT")
    assert "Kangle County" in str(event["SUMMARY"])
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=1)
    for unknown in (told_later, 999):
        assert reader.client.get(f"/warnings/{unknown}.cap.xml").status_code == 404


def test_a_reader_is_not_sent_what_he_has(reader: Person) -> None:
    address = f"/bulletins/{TODAY}.svg?lang=zh"
    tag = reader.client.get(address).headers["etag"]
    assert tag == '"1-svg-zh"', "the tag is public: it names the version and nothing of where it is kept"
    again = reader.client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.client.get(f"/bulletins/{TODAY}.svg?lang=en", headers={"if-none-match": tag}).status_code == 200


def test_links_lead_where_the_reader_asked(reader: Person) -> None:
    """Without a public address the links of a file kept for one reader must not be another's."""
    for host in ("one.example", "other.example"):
        alert = reader.client.get(f"/bulletins/{TODAY}.cap.xml", headers={"host": host}).text
        assert f"<web>http://{host}/bulletins/" in alert


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_day_without_a_bulletin_has_no_files(reader: Person, form: str) -> None:
    assert reader.client.get(f"/bulletins/2026-01-01.{form}").status_code == 404


def test_the_page_leads_to_every_file_and_the_archive_to_the_feeds(reader: Person) -> None:
    page = reader.page(f"/bulletins/{TODAY}")
    for form in FORMS:
        assert f"/bulletins/{TODAY}.{form}?" in page
    assert "/bulletins.atom" in reader.page("/bulletins")
    assert "/warnings.ics" in reader.page("/bulletins")


def test_the_archive_is_searched_by_day_and_grade(reader: Person) -> None:
    link = f'href="/bulletins/{TODAY}"'
    highest = max(grades(reader).values())
    for query in ("", f"?since={TODAY}&until={TODAY}", f"?grade={highest}", "?until=2026-12-31", "?grade=nonsense"):
        assert link in reader.page(f"/bulletins{query}"), query
    for query in ("?since=2026-04-02", "?until=2026-03-31", "?since=2020-01-01&until=2020-12-31"):
        page = reader.page(f"/bulletins{query}")
        assert link not in page, query
        assert "No bulletin fits." in page
    assert "write the day as YYYY-MM-DD" in reader.page("/bulletins?since=yesterday", 422)


def test_the_same_without_a_server(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Person) -> None:
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", desk.db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path))
    out = tmp_path / "out"
    assert main(["bulletin", "--on", str(TODAY), "--out", str(out)]) == 0
    endings = {
        f"{f'.{lang}' if form.by_language else ''}.{suffix}" for suffix, form in FORMS.items() for lang in ("zh", "en")
    }
    assert {file.name for file in out.iterdir()} == {f"{TODAY}{ending}" for ending in endings}
    assert (out / f"{TODAY}.zh.pdf").read_bytes() == get(reader, f"/bulletins/{TODAY}.pdf?lang=zh")
    assert main(["bulletin", "--on", "2026-01-01", "--out", str(out)]) == 2
    assert main(["bulletin", "--on", str(TODAY), "--out", str(out), "--draft", "--lang", "en"]) == 2


def test_a_sheet_that_cannot_be_set_is_an_error() -> None:
    with pytest.raises(typeset.NotSet, match=r"card\.typ"):
        typeset.png("card", {}, "<svg/>", 72)
