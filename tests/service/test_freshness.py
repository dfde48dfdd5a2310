"""Who is silent, who is asked instead, and which alarms say so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.danger import assess
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.jobs import sources
from firewatch.jobs.desk import Desk
from firewatch.messaging.alarms import close, open_alarms
from firewatch.messaging.models import Alarm, Message, SubjectKind
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import MetNorwayFeed, OpenMeteoFeed
from firewatch.weather import freshness, raw
from firewatch.weather.feeds import FeedDown, Payload, Point, Reading, WeatherFeed
from firewatch.weather.models import FeedStatus, ValueKind
from tests.build import prepare, rows
from tests.service.quiet import Quiet, desk_of

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
STALE = 240
ANALYSIS, FALLBACK = "open-meteo", "met-norway"


class Told(WeatherFeed):
    """A feed over nobody's wire: gives its kind of hour at every point it is asked for, or is away."""

    def __init__(self, name: str, kind: ValueKind) -> None:
        self.id, self.kind, self.note = name, name.replace("-", "_"), ""
        self.value_kind = kind
        self.away = False
        self.mute: set[str] = set()
        self.without: dict[str, set[str]] = {}
        """Point → quantities that are missing there."""
        self.alike = False
        """Every point has the very same weather: a field that nobody measured."""
        self.asked: list[list[str]] = []

    def fetch(self, points: Sequence[Point], since: datetime | None, now: datetime) -> list[Reading]:
        del since
        self.asked.append([point.id for point in points])
        if self.away:
            raise FeedDown("HTTP 502")
        hour = now.replace(minute=0, second=0, microsecond=0)
        return [
            self._reading(point.id, 0 if self.alike else number, hour)
            for number, point in enumerate(points)
            if point.id not in self.mute
        ]

    def _reading(self, point_id: str, number: int, hour: datetime) -> Reading:
        values = {"temp_c": 10.0 + number, "rh_pct": 40.0 + number, "wind_kmh": 9.0 + number, "rain_mm": 0.0}
        told = {name: value for name, value in values.items() if name not in self.without.get(point_id, set())}
        return Reading(point_id, self.value_kind, hour, hour, "told", **told)

    def payloads(self) -> list[Payload]:
        return [Payload("http://127.0.0.1/weather", 502 if self.away else 200, "text/html", b"what it said")]


@pytest.fixture
def book(rulebook: Rulebook) -> Rulebook:
    feeds = [
        OpenMeteoFeed(kind="open_meteo", id=ANALYSIS),
        MetNorwayFeed(kind="met_norway", id=FALLBACK, contact="duty@alliance.example"),
    ]
    return replace(rulebook, weather=rulebook.weather.model_copy(update={"feed": feeds}))


class World:
    """A preferred feed, a fallback, and the jobs that ask and watch them."""

    def __init__(self, db: Database, clock: FixedClock, book: Rulebook) -> None:
        self.db, self.clock, self.book = db, clock, book
        self.analysis, self.fallback = Told(ANALYSIS, ValueKind.ANALYSED), Told(FALLBACK, ValueKind.FORECAST)
        self.desk = desk_of(db, clock, book, self.analysis, self.fallback)
        self.jobs = {job.name: job for job in sources.jobs(self.desk)}
        self.watch = sources.Watch(self.desk)

    def ask(self) -> list[str]:
        """Ask both feeds; what became of it."""
        said = []
        for job in self.jobs.values():
            try:
                said.append(job.run(self.clock.now())["said"])
            except FeedDown:
                said.append("down")
        self.watch.run()
        return said

    def states(self) -> dict[str, str]:
        with self.db.read() as session:
            views = freshness.overview(session, self.clock.now(), self.book, sources.sources(self.desk))
        return {view.source.id: view.state.value for view in views}

    def alarms(self) -> list[tuple[str, bool]]:
        return [(alarm.kind, alarm.closed_at is None) for alarm in rows(self.db, Alarm)]


@pytest.fixture
def world(db: Database, clock: FixedClock, book: Rulebook) -> World:
    prepare(db, book)
    return World(db, clock, book)


def test_the_fallback_is_asked_only_while_the_preferred_feed_is_silent(world: World) -> None:
    assert world.states() == {ANALYSIS: "waiting", FALLBACK: "waiting"}
    assert world.ask() == ["weather", "standing_by"]
    assert world.states() == {ANALYSIS: "fresh", FALLBACK: "standby"}
    world.analysis.away = True
    world.clock.advance(minutes=STALE - 1)
    assert world.ask() == ["down", "standing_by"]
    assert world.states() == {ANALYSIS: "fresh", FALLBACK: "standby"}
    world.clock.advance(minutes=1)
    assert world.states() == {ANALYSIS: "stale", FALLBACK: "waiting"}
    assert world.ask() == ["down", "weather"]
    assert world.states() == {ANALYSIS: "stale", FALLBACK: "fresh"}
    assert sorted(world.fallback.asked[0]) == sorted(world.book.points)
    world.analysis.away = False
    assert world.ask() == ["weather", "standing_by"]
    assert world.states() == {ANALYSIS: "fresh", FALLBACK: "standby"}


def test_the_fallback_is_asked_only_for_the_points_nobody_tells(world: World) -> None:
    *_, first, second = world.book.points
    world.analysis.mute = {first, second}
    assert world.ask() == ["weather", "weather"]
    assert world.fallback.asked == [[first, second]]


@pytest.mark.parametrize("quantity", ["temp_c", "rh_pct", "wind_kmh", "rain_mm"])
def test_a_point_whose_weather_is_told_in_part_is_left_to_the_fallback(world: World, quantity: str) -> None:
    """A station with nothing but some of the sensors must not keep the rest from its zone."""
    first, *_ = world.book.points
    world.analysis.without = {first: {quantity}}
    assert world.ask() == ["weather", "weather"]
    assert world.fallback.asked == [[first]]


def test_a_source_that_nobody_believes_is_no_reason_to_stand_by(world: World) -> None:
    world.analysis.alike = True
    assert world.ask() == ["weather", "weather"]
    assert world.fallback.asked == [list(world.book.points)]


def test_a_fallback_that_gives_one_issue_for_days_is_silent(world: World) -> None:
    world.analysis.away = True
    world.ask()
    assert world.states()[FALLBACK] == "fresh"
    issued_at = world.clock.now().replace(minute=0)
    world.clock.advance(hours=world.book.weather.max_forecast_age_hours)
    with world.db.write() as session:
        status = session.get(FeedStatus, FALLBACK)
        assert status is not None
        assert status.newest_issued_at == issued_at
        status.last_tried_at = status.last_success_at = world.clock.now()
        session.add(status)
    assert world.states()[FALLBACK] == "stale", "it answers, and nothing that a grade could rest on"
    world.watch.run()
    assert "weather_gone" in open_kinds(world.db)


def test_a_silent_source_is_one_alarm_that_closes_by_itself(world: World) -> None:
    world.ask()
    assert world.alarms() == []
    world.analysis.away = True
    for _ in range(6):
        world.clock.advance(hours=1)
        world.ask()
    assert world.alarms() == [("weather_stale", True)]
    (alarm,) = rows(world.db, Alarm)
    assert (alarm.key, alarm.params, alarm.times) == (
        "weather:open-meteo",
        {"source": ANALYSIS, "minutes": str(STALE)},
        1,
    )
    world.analysis.away = False
    world.clock.advance(minutes=5)
    world.ask()
    assert world.alarms() == [("weather_stale", False)]
    (alarm,) = rows(world.db, Alarm)
    assert alarm.closed_by == "system"


def test_an_alarm_that_somebody_closed_is_not_raised_again_in_the_same_outage(world: World) -> None:
    world.ask()
    world.analysis.away = True
    world.clock.advance(minutes=STALE)
    world.ask()
    with world.db.write() as session:
        (alarm,) = open_alarms(session)
        close(session, world.clock.now(), alarm.id or 0, "officer")
    for _ in range(3):
        world.clock.advance(hours=1)
        world.ask()
    assert world.alarms() == [("weather_stale", False)]
    world.analysis.away = False
    world.ask()
    world.analysis.away = True
    world.clock.advance(minutes=STALE)
    world.ask()
    assert world.alarms() == [("weather_stale", False), ("weather_stale", True)], "another outage is another alarm"


def test_every_source_silent_is_a_graver_alarm_and_a_message_to_the_duty_agency(world: World) -> None:
    world.ask()
    world.analysis.away = world.fallback.away = True
    world.clock.advance(minutes=STALE)
    world.ask()
    assert sorted(kind for kind, is_open in world.alarms() if is_open) == [
        "weather_gone",
        "weather_stale",
        "weather_stale",
    ]
    (message,) = rows(world.db, Message)
    assert (message.subject_kind, message.agency_id) == (SubjectKind.ALARM, world.book.alliance.duty_agency)
    assert world.book.alliance.name_zh in message.body
    world.clock.advance(hours=3)
    world.ask()
    assert len(rows(world.db, Message)) == 1
    world.analysis.away = False
    world.clock.advance(minutes=1)
    world.ask()
    assert [is_open for _, is_open in world.alarms()] == [False, False, False]


def test_a_feed_that_was_never_reached_is_silent_from_the_first_failure(world: World) -> None:
    world.analysis.away = world.fallback.away = True
    world.ask()
    assert world.states() == {ANALYSIS: "stale", FALLBACK: "stale"}
    world.fallback.away = False
    world.clock.advance(minutes=1)
    world.ask()
    assert world.states() == {ANALYSIS: "stale", FALLBACK: "fresh"}
    assert open_kinds(world.db) == ["weather_stale"]
    assert len(world.alarms()) == 3


def test_grades_are_done_again_every_hour_while_everybody_is_silent(world: World) -> None:
    """Nothing comes in that would have them done: today's must not stand on what has become too old."""
    world.ask()
    world.analysis.away = world.fallback.away = True
    world.clock.advance(minutes=STALE)
    world.ask()
    for _ in range(3):
        world.clock.advance(minutes=20)
        world.watch.run()
    assessed = {row.assessed_at for row in rows(world.db, PointDay)}
    assert max(assessed) == NOON + timedelta(minutes=STALE + 60)
    world.clock.advance(hours=24)
    world.ask()
    with world.db.read() as session:
        grades = assess.grades_on(session, NOON.date() + timedelta(days=1), "lyt1172")
    assert set(grades) == {zone.id for zone in world.book.zones}
    assert {row.grade for row in grades.values()} == {0}


def test_hours_ahead_of_the_clock_are_not_fresh(world: World) -> None:
    world.ask()
    world.clock.advance(hours=-30)
    assert world.states()[ANALYSIS] == "stale"


def test_the_watch_looks_once_a_minute(world: World) -> None:
    world.ask()
    world.analysis.away = True
    world.clock.advance(minutes=STALE)
    assert world.watch.run() == 1
    with world.db.write() as session:
        close(session, world.clock.now(), rows(world.db, Alarm)[0].id or 0, "officer")
    assert world.watch.run() == 0


def test_a_replay_stands_for_all_feeds(db: Database, clock: FixedClock, book: Rulebook) -> None:
    desk = desk_of(db, clock, book, Quiet("replay", "replay"))
    assert [(source.id, source.fallback) for source in sources.sources(desk)] == [("replay", False)]


def open_kinds(db: Database) -> list[str]:
    with db.read() as session:
        return sorted(alarm.kind for alarm in open_alarms(session))


def test_raw_answers_are_kept_by_the_job_and_forgotten_by_the_tidy_job(world: World) -> None:
    world.ask()
    world.analysis.away = True
    world.ask()
    with world.db.read() as session:
        assert [row.status for row in raw.newest(session)] == [502, 200]
    assert tidied(world.desk, world.clock.now() + timedelta(days=7)) == 0
    assert tidied(world.desk, world.clock.now() + timedelta(days=7, seconds=1)) == 2


def tidied(desk: Desk, at: datetime) -> int:
    return sources.tidy(desk, at, timedelta(days=14))


def test_no_raw_answers_when_none_are_wanted(db: Database) -> None:
    with db.write() as session:
        raw.keep(session, "x", [Payload("y", 200, "", b"z")], NOON, 0)
    with db.read() as session:
        assert raw.newest(session) == []
        assert session.exec(select(FeedStatus)).all() == []
