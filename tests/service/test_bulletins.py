"""A bulletin is drafted at its hour, signed under a name, corrected by a new version, and never silently late."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col

from firewatch.bulletins import draft, record, release
from firewatch.bulletins.content import Document, Kind
from firewatch.bulletins.models import Bulletin, BulletinState, BulletinStep
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.jobs import bulletins as job
from firewatch.jobs.desk import Desk
from firewatch.messaging.line import Line
from firewatch.messaging.models import Alarm, Message
from firewatch.outlook import read
from firewatch.rulebook.bulletins import Bulletins
from firewatch.rulebook.read import Rulebook
from tests.build import prepare, rows
from tests.service import outlook
from tests.service.messages import Post

TODAY = date(2026, 4, 1)
DAY = timedelta(days=1)
NOTE = {"zh": "更正风力", "en": "wind corrected"}


@pytest.fixture
def forecast(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook)


def drawn(db: Database, clock: FixedClock, book: Rulebook, on: date = TODAY, by: str = "firewatch") -> int:
    with db.write() as session:
        return record.number_of(draft.draw_up(session, clock, book, on, by))


def signed(db: Database, clock: FixedClock, book: Rulebook, number: int) -> Document:
    with db.write() as session:
        return record.published(release.sign(session, clock, book, number, "officer", "值班员甲", checked="审核员乙"))


def with_rules(book: Rulebook, **given: object) -> Rulebook:
    return replace(book, bulletins=Bulletins.model_validate({**book.bulletins.model_dump(), **given}))


@pytest.mark.usefixtures("forecast")
def test_the_draft_says_what_the_outlook_says(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    drawn(db, clock, rulebook)
    (row,) = rows(db, Bulletin)
    with db.read() as session:
        shown = release.document(session, rulebook, row)
    facts = shown.content
    assert (facts.days, facts.in_season) == (tuple(TODAY + n * DAY for n in (1, 2, 3)), True)
    assert (facts.valid_from.isoformat(), facts.valid_to - facts.valid_from) == ("2026-04-01T12:00:00+00:00", DAY)
    with db.read() as session:
        foreseen = read.zone_days(session, read.latest(session) or pytest.fail("no issue"), "lyt1172")
    assert [zone.id for zone in facts.zones] == [zone.id for zone in rulebook.zones]
    for zone in facts.zones:
        assert [day.grade for day in zone.days] == [foreseen[zone.id, day.on].grade for day in zone.days]
        assert (zone.was, zone.weather.told) == (None, zone.weather.points)
    assert facts.sources.made_up
    assert (shown.number, shown.running, shown.revision, shown.issued_at) == (1, 1, 1, None)
    assert row.texts == row.drafted
    assert shown.texts["zh"].danger
    assert row.state is BulletinState.DRAFT


@pytest.mark.usefixtures("forecast")
def test_signing_publishes_and_freezes(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = drawn(db, clock, rulebook)
    with db.write() as session:
        release.edit(session, clock, number, "officer", {"zh": {"advice": " 清明  祭扫\n\n请勿用火。 "}})
    published = signed(db, clock, rulebook, number)
    assert published.texts["zh"].advice == "清明 祭扫\n\n请勿用火。"
    assert (published.signed, published.checked, published.prepared) == ("值班员甲", "审核员乙", "officer")
    assert (published.number, published.running, published.revision) == (1, 1, 1)
    (row,) = rows(db, Bulletin)
    assert row.drafted["zh"]["advice"] != row.texts["zh"]["advice"]
    with db.write() as session, pytest.raises(Conflict, match="only a draft"):
        release.edit(session, clock, number, "officer", {"zh": {"advice": "x"}})
    with db.write() as session, pytest.raises(Conflict, match="only a draft"):
        release.sign(session, clock, rulebook, number, "officer", "值班员甲")
    with db.write() as session, pytest.raises(Conflict, match="correct it"):
        draft.draw_up(session, clock, rulebook, TODAY)
    assert [step.kind for step in rows(db, BulletinStep)] == ["drafted", "edited", "signed"]


@pytest.mark.usefixtures("forecast")
def test_what_is_no_text_of_a_draft_is_refused(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    number = drawn(db, clock, rulebook)
    long = "字" * 1501
    for texts in ({"zh": {"danger": "x"}}, {"fr": {"advice": "x"}}, {"zh": {"advice": " "}}, {"zh": {"advice": long}}):
        with db.write() as session, pytest.raises(BadInput):
            release.edit(session, clock, number, "officer", texts)
    with db.write() as session, pytest.raises(BadInput, match="name"):
        release.sign(session, clock, rulebook, number, "officer", " ")
    with db.write() as session, pytest.raises(NotFound):
        release.sign(session, clock, rulebook, 99, "officer", "x")
    assert [row.state for row in rows(db, Bulletin)] == [BulletinState.DRAFT]


@pytest.mark.usefixtures("forecast")
def test_a_correction_is_a_new_version_with_a_note_and_the_same_number(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    first = signed(db, clock, rulebook, drawn(db, clock, rulebook))
    with db.write() as session, pytest.raises(BadInput, match=r"note\.en"):
        release.correct(session, clock, TODAY, "officer", {"zh": "更正"})
    with db.write() as session:
        number = record.number_of(release.correct(session, clock, TODAY, "officer", NOTE))
    with db.write() as session, pytest.raises(Conflict, match="waits for a signature"):
        release.correct(session, clock, TODAY, "officer", NOTE)
    with db.read() as session:  # until it is signed the public reads the first
        assert record.published(record.issued(session, TODAY) or pytest.fail("nothing issued")) == first
    second = signed(db, clock, rulebook, number)
    assert (second.number, second.running, second.revision, second.kind) == (1, 1, 2, Kind.CORRECTION)
    assert second.note == NOTE
    assert [row.state for row in rows(db, Bulletin)] == [BulletinState.REPLACED, BulletinState.ISSUED]
    assert Document.model_validate(rows(db, Bulletin)[0].document) == first


@pytest.mark.usefixtures("forecast")
def test_a_withdrawal_is_a_version_too_and_ends_the_day(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    with db.write() as session, pytest.raises(Conflict, match="no bulletin"):
        release.withdraw(session, clock, rulebook, TODAY, "officer", "值班员甲", NOTE)
    signed(db, clock, rulebook, drawn(db, clock, rulebook))
    with db.write() as session:
        row = release.withdraw(session, clock, rulebook, TODAY, "officer", "值班员甲", NOTE)
        assert (row.kind, row.state, row.revision) == (Kind.WITHDRAWAL, BulletinState.ISSUED, 2)
    with db.write() as session, pytest.raises(Conflict, match="no bulletin"):
        release.correct(session, clock, TODAY, "officer", NOTE)


@pytest.mark.usefixtures("forecast")
def test_numbers_follow_each_other_without_a_gap_and_begin_anew_each_year(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    book = with_rules(rulebook, first_number=250)
    found = []
    for on in (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)):
        number = drawn(db, clock, book, on)
        with db.write() as session:  # a draft that was put aside takes no number
            release.reject(session, clock, number, "officer", "figures not plausible")
        published = signed(db, clock, book, drawn(db, clock, book, on))
        found.append((published.year, published.number, published.running))
    assert found == [(2026, 1, 250), (2026, 2, 251), (2027, 1, 252)]


@pytest.mark.usefixtures("forecast")
def test_the_next_day_tells_what_changed(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    signed(db, clock, rulebook, drawn(db, clock, rulebook))
    (first,) = rows(db, Bulletin)
    clock.advance(days=1)
    drawn(db, clock, rulebook, TODAY + DAY)
    second = rows(db, Bulletin, col(Bulletin.on) == TODAY + DAY)[0]
    was = {zone["id"]: zone["was"] for zone in second.content["zones"]}
    assert was == {zone["id"]: zone["days"][0]["grade"] for zone in first.content["zones"]}


@pytest.mark.usefixtures("forecast")
def test_newer_figures_make_a_new_draft_and_the_old_one_stays_on_record(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    drawn(db, clock, rulebook)
    drawn(db, clock, rulebook, by="officer")
    assert [row.state for row in rows(db, Bulletin)] == [BulletinState.DROPPED, BulletinState.DRAFT]
    assert [step.kind for step in rows(db, BulletinStep)] == ["drafted", "redrawn", "drafted"]


@pytest.mark.usefixtures("forecast")
@pytest.mark.parametrize(("up_to", "state"), [(5, BulletinState.ISSUED), (1, BulletinState.DRAFT)])
def test_the_standing_rule_signs_what_it_covers(
    db: Database, clock: FixedClock, rulebook: Rulebook, up_to: int, state: BulletinState
) -> None:
    book = with_rules(rulebook, sign="standing", standing_up_to_grade=up_to)
    drawn(db, clock, book)
    (row,) = rows(db, Bulletin)
    assert (row.state, row.by_rule) == (state, state is BulletinState.ISSUED)


def test_the_standing_rule_never_signs_a_day_without_data(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    drawn(db, clock, with_rules(rulebook, sign="standing", standing_up_to_grade=5))
    (row,) = rows(db, Bulletin)
    assert row.state is BulletinState.DRAFT
    assert "不等于没有危险" in row.texts["zh"]["advice"]


def desk(db: Database, clock: FixedClock, book: Rulebook, post: Post) -> Desk:
    return Desk(db, clock, book, [], [Line(post.sender, post.chaser)])


@pytest.mark.usefixtures("forecast")
def test_the_job_drafts_once_and_the_sweep_alarms_an_unsigned_draft_once(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    at, office = datetime.fromisoformat("2026-04-01T16:30+08:00"), desk(db, clock, rulebook, post)
    clock.at = at
    (made,), (late,) = job.jobs(office), job.sweeps(office)
    assert made.run(at) == {"said": "bulletin", "on": "2026-04-01"}
    assert made.run(at) == {"said": "no_bulletin", "on": "2026-04-01"}
    assert late.run() == 0
    clock.at = datetime.fromisoformat("2026-04-01T19:30+08:00")
    assert [late.run(), late.run()] == [1, 0]
    (alarm,), (message,) = rows(db, Alarm), rows(db, Message)
    assert (alarm.kind, alarm.times) == ("bulletin_unsigned", 1)
    assert (message.agency_id, message.template) == ("prefecture", "sms.bulletin_late")
    signed(db, clock, rulebook, rows(db, Bulletin)[0].id or 0)
    assert rows(db, Alarm)[0].closed_at == clock.at


@pytest.mark.usefixtures("forecast")
def test_a_draft_that_is_made_late_leaves_time_to_sign_it(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    clock.at = datetime.fromisoformat("2026-04-01T21:00+08:00")
    office = desk(db, clock, rulebook, post)
    (made,), (late,) = job.jobs(office), job.sweeps(office)
    assert late.run() == 0, "the service has only just started"
    made.run(datetime.fromisoformat("2026-04-01T16:30+08:00"))
    clock.advance(minutes=14)
    assert late.run() == 0
    clock.advance(minutes=1)
    assert [late.run(), late.run()] == [1, 0]
    assert [alarm.kind for alarm in rows(db, Alarm)] == ["bulletin_unsigned"]


@pytest.mark.usefixtures("forecast")
def test_a_bulletin_that_was_not_even_drafted_is_an_alarm(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    (late,) = job.sweeps(desk(db, clock, rulebook, post))
    clock.at = datetime.fromisoformat("2026-04-01T16:44+08:00")
    assert late.run() == 0
    clock.advance(minutes=1)
    assert [late.run(), late.run()] == [1, 0]
    assert [(alarm.kind, alarm.times) for alarm in rows(db, Alarm)] == [("bulletin_missing", 1)]
    drawn(db, clock, rulebook)
    signed(db, clock, rulebook, rows(db, Bulletin)[0].id or 0)
    assert rows(db, Alarm)[0].closed_at is not None


def test_out_of_season_none_is_made_unless_asked(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    prepare(db, rulebook)
    clock.at = at = datetime.fromisoformat("2026-07-01T17:00+08:00")
    office = desk(db, clock, rulebook, post)
    assert job.jobs(office)[0].run(at)["said"] == "no_bulletin"
    assert job.sweeps(office)[0].run() == 0
    asked = desk(db, clock, with_rules(rulebook, out_of_season="make"), post)
    assert job.jobs(asked)[0].run(at)["said"] == "bulletin"
    assert "不在防火期内。" in rows(db, Bulletin)[0].texts["zh"]["notes"]


@pytest.mark.usefixtures("forecast")
def test_a_new_installation_owes_no_bulletin_of_yesterday_but_a_series_does(
    db: Database, clock: FixedClock, rulebook: Rulebook, post: Post
) -> None:
    office = desk(db, clock, rulebook, post)
    (made,), (late,) = job.jobs(office), job.sweeps(office)
    missed = datetime.fromisoformat("2026-03-31T16:30+08:00")
    clock.at = datetime.fromisoformat("2026-04-01T08:00+08:00")
    assert (made.run(missed)["said"], late.run(), rows(db, Bulletin)) == ("no_bulletin", 0, [])
    signed(db, clock, rulebook, drawn(db, clock, rulebook, date(2026, 3, 30)))
    clock.advance(minutes=15)
    assert late.run() == 1
    assert [(alarm.kind, alarm.params["on"]) for alarm in rows(db, Alarm)] == [("bulletin_missing", "2026-03-31")]
    assert made.run(missed)["said"] == "bulletin"
