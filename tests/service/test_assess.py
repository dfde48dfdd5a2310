import random
import threading
from dataclasses import replace

import pytest

from firewatch.clock import FixedClock
from firewatch.danger import assess
from firewatch.danger.models import PointDay
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import Reading
from firewatch.weather.models import ValueKind
from tests.build import rows
from tests.service.grading import DAY, HOUR, TODAY, at, facts, forget, grades, refresh, run, season, store


@pytest.fixture
def evening(clock: FixedClock) -> FixedClock:
    """Six in the evening: what decides the day has been measured."""
    clock.at = at(TODAY, 18)
    return clock


@pytest.fixture
def weather(db: Database, evening: FixedClock, rulebook: Rulebook) -> list[Reading]:
    """Ten days of weather at every point, stored."""
    readings = season(rulebook, TODAY - 10 * DAY, evening.now())
    store(db, evening, readings)
    return readings


def test_every_zone_has_a_grade_by_both_schemes(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    run(db, evening, rulebook)
    for scheme in ("lyt1172", "fwi"):
        found = grades(db, scheme)
        assert set(found) == {zone.id for zone in rulebook.zones}
        for row in found.values():
            assert 1 <= row.grade <= 5
            assert row.value is not None
            assert row.provisional
    assert "not_calibrated" in grades(db, "fwi")["kangle"].flags
    assert "not_calibrated" not in grades(db)["kangle"].flags
    assert {row.noon_hour_utc for row in rows(db, PointDay)} == {5}
    assert not grades(db, on=TODAY - DAY)["kangle"].provisional


def test_without_weather_every_zone_says_so(db: Database, evening: FixedClock, rulebook: Rulebook) -> None:
    run(db, evening, rulebook)
    for scheme in ("lyt1172", "fwi"):
        found = grades(db, scheme)
        assert {(row.grade, row.value, row.mean) for row in found.values()} == {(0, None, None)}
        assert len(found) == len(rulebook.zones)
    assert grades(db, on=TODAY - DAY) == {}


def test_another_source_is_not_looked_at(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    with db.write() as session:
        assess.assess(session, evening, rulebook, ["another"], TODAY)
    assert {row.grade for row in grades(db).values()} == {0}


def test_a_day_done_again_gives_the_same_bits(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    run(db, evening, rulebook)
    before = facts(db)
    assert len(before) == 9 * (len(rulebook.points) + 2 * len(rulebook.zones)) + len(rulebook.points) + 12
    for on in (TODAY - 5 * DAY, TODAY):
        run(db, evening, rulebook, on)
        assert facts(db) == before
    assert store(db, evening, weather).unchanged == len(weather)


def test_a_chain_continued_day_by_day_is_the_chain_in_one_go(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    for number in range(8, -1, -1):
        clock.at = at(TODAY - number * DAY, 18)
        stored = store(db, clock, season(rulebook, TODAY - 10 * DAY, clock.now()))
        refresh(db, clock, rulebook, stored)
    day_by_day = facts(db)
    forget(db)
    run(db, clock, rulebook)
    assert facts(db) == day_by_day
    assert not grades(db, on=TODAY - DAY)["kangle"].provisional


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_zones_and_of_their_points_changes_nothing(
    db: Database, evening: FixedClock, rulebook: Rulebook, seed: int
) -> None:
    points = tuple(rulebook.points.values())
    large = rulebook.zones[0].model_copy(update={"points": points[:5]})
    small = rulebook.zones[1].model_copy(update={"points": points[5:]})
    straight = replace(rulebook, zones=(large, small))
    bad = [
        replace(one, wind_kmh=1687.0) if one.point_id == points[1].id and one.valid_at == at(TODAY, 3) else one
        for one in season(rulebook, TODAY - 10 * DAY, evening.now())
        if one.point_id != points[2].id or one.valid_at < at(TODAY - 2 * DAY)  # a station falls silent
    ]
    store(db, evening, bad)
    run(db, evening, straight)
    found = facts(db)
    assert {"point_missing", "wind_suspect"} <= set(grades(db)[large.id].flags.split(";"))
    forget(db)
    chance = random.Random(seed)  # noqa: S311 - an order
    mixed = [
        zone.model_copy(update={"points": tuple(chance.sample(zone.points, len(zone.points)))})
        for zone in chance.sample(straight.zones, len(straight.zones))
    ]
    run(db, evening, replace(rulebook, zones=tuple(mixed)))
    assert facts(db) == found


def test_late_weather_changes_its_day_and_all_later_ones(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    run(db, evening, rulebook)
    before, late = facts(db), TODAY - 4 * DAY
    rain = [replace(one, rain_mm=12.0) for one in weather if one.valid_at == at(late, 12) and one.point_id == "kangle"]
    stored = store(db, evening, rain)
    assert (stored.changed, stored.oldest_at) == (1, at(late, 12))
    refresh(db, evening, rulebook, stored)
    after = facts(db)
    changed = {key for key in before if before[key] != after[key]}
    assert after.keys() == before.keys()
    assert {key[-1] for key in changed} == {str(late + number * DAY) for number in range(5)}
    assert {key[1] for key in changed} == {"kangle"}


def test_the_first_weather_begins_the_chain_further_back(db: Database, evening: FixedClock, rulebook: Rulebook) -> None:
    run(db, evening, rulebook)
    assert {row.grade for row in grades(db).values()} == {0}
    stored = store(db, evening, season(rulebook, TODAY - 10 * DAY, evening.now()))
    refresh(db, evening, rulebook, stored)
    late = facts(db)
    assert min(row.on for row in rows(db, PointDay)) == TODAY - 9 * DAY
    assert all(row.grade for row in grades(db).values())
    forget(db)
    run(db, evening, rulebook)
    assert facts(db) == late


def test_the_chain_begins_no_further_back_than_the_rules_say(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    short = replace(rulebook, danger=rulebook.danger.model_copy(update={"history_days": 3}))
    run(db, evening, short)
    assert min(row.on for row in rows(db, PointDay)) == TODAY - 3 * DAY


def test_days_the_service_slept_through_are_graded_too(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    clock.at = at(TODAY - 4 * DAY, 18)
    store(db, clock, season(rulebook, TODAY - 8 * DAY, clock.now()))
    run(db, clock, rulebook, TODAY - 4 * DAY)
    clock.at = at(TODAY, 18)
    store(db, clock, season(rulebook, TODAY - 8 * DAY, clock.now()))
    run(db, clock, rulebook)
    for number in range(1, 5):
        day = grades(db, on=TODAY - number * DAY)["kangle"]
        assert (day.grade > 0, day.provisional) == (True, False)


@pytest.mark.timeout(60)
def test_two_feeds_that_answer_at_once_are_graded_one_after_the_other(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    run(db, evening, rulebook)
    before, together, errors = facts(db), threading.Barrier(4), list[Exception]()

    def again() -> None:
        together.wait(timeout=20)
        try:
            run(db, evening, rulebook, TODAY - 5 * DAY)
        except Exception as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    assert errors == []
    assert facts(db) == before


def test_a_zone_takes_its_worst_point_and_shows_the_mean(db: Database, evening: FixedClock, rulebook: Rulebook) -> None:
    hot = season(rulebook, TODAY - 10 * DAY, evening.now(), points=["taizishan-east"], warmer=20)
    cool = season(rulebook, TODAY - 10 * DAY, evening.now(), points=["taizishan-west"])
    store(db, evening, hot + cool)
    run(db, evening, rulebook)
    points = {row.point_id: row for row in rows(db, PointDay, PointDay.on == TODAY)}
    east, west = points["taizishan-east"], points["taizishan-west"]
    for scheme, grade, value in (("lyt1172", "lyt_grade", "htz"), ("fwi", "fwi_grade", "fwi")):
        zone = grades(db, scheme)["taizishan"]
        assert getattr(east, value) > getattr(west, value)
        assert zone.grade == max(getattr(east, grade), getattr(west, grade))
        assert zone.value == getattr(east, value)
        assert zone.mean == pytest.approx((getattr(east, value) + getattr(west, value)) / 2)
        assert "point_missing" not in zone.flags
        assert grades(db, scheme)["kangle"].grade == 0


def test_a_point_without_weather_does_not_blank_its_zone(db: Database, evening: FixedClock, rulebook: Rulebook) -> None:
    store(db, evening, season(rulebook, TODAY - 10 * DAY, evening.now(), points=["taizishan-west"]))
    run(db, evening, rulebook)
    for scheme in ("lyt1172", "fwi"):
        zone = grades(db, scheme)["taizishan"]
        assert zone.grade > 0
        assert "point_missing" in zone.flags.split(";")


def test_a_missing_hour_of_rain_is_no_dry_hour(db: Database, evening: FixedClock, rulebook: Rulebook) -> None:
    readings = season(rulebook, TODAY - 10 * DAY, evening.now(), points=["kangle"])
    store(db, evening, [one if one.valid_at != at(TODAY, 9) else replace(one, rain_mm=None) for one in readings])
    run(db, evening, rulebook)
    [row] = [row for row in rows(db, PointDay, PointDay.on == TODAY) if row.point_id == "kangle"]
    assert (row.rain_mm, row.rain_day_mm) == (None, None)
    assert "rain_missing" in row.flags
    assert {grades(db, scheme)["kangle"].grade for scheme in ("lyt1172", "fwi")} == {0}


def test_a_forecast_fills_today_and_never_the_past(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    clock.at = at(TODAY, 6)
    past = season(rulebook, TODAY - 10 * DAY, clock.now())
    whole = season(rulebook, TODAY - 10 * DAY, at(TODAY + DAY, 12))
    ahead = [
        replace(one, kind=ValueKind.FORECAST, issued_at=clock.now()) for one in whole if one.valid_at > clock.now()
    ]
    store(db, clock, past + ahead)
    run(db, clock, rulebook)
    assert all(row.grade and row.provisional for row in grades(db).values())
    clock.at = at(TODAY + DAY, 18)
    run(db, clock, rulebook, TODAY + DAY)
    yesterday = grades(db)["kangle"]
    assert (yesterday.grade, yesterday.provisional) == (0, False)


def test_the_state_of_the_codes_is_kept_at_full_precision(
    db: Database, evening: FixedClock, rulebook: Rulebook, weather: list[Reading]
) -> None:
    assert weather
    run(db, evening, rulebook)
    for row in rows(db, PointDay, PointDay.on == TODAY):
        assert (row.state["ffmc"], row.state["dmc"], row.state["dc"]) == (row.ffmc, row.dmc, row.dc)
        assert row.state["spin_up_left"] == 50
        assert "spin_up" in row.flags


def test_the_last_hour_of_a_day_belongs_to_that_day(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    """A feed that is always an hour late: the hour that ends at midnight comes when its day is over."""
    clock.at = at(TODAY, 0)
    whole = season(rulebook, TODAY - 10 * DAY, clock.now())
    wet = [replace(one, rain_mm=9.0) if one.valid_at == clock.now() else one for one in whole]
    store(db, clock, [one for one in wet if one.valid_at < clock.now()])
    run(db, clock, rulebook)
    clock.advance(minutes=10)
    run(db, clock, rulebook)
    late = store(db, clock, [one for one in wet if one.valid_at == at(TODAY, 0)])
    assert late.oldest_at == at(TODAY, 0)
    refresh(db, clock, rulebook, late)
    yesterday = rows(db, PointDay, PointDay.on == TODAY - DAY)
    assert all(row.rain_day_mm is not None and row.rain_day_mm >= 9.0 for row in yesterday)


@pytest.mark.parametrize(("age_hours", "told"), [(24, False), (25, True), (36, True), (37, True)])
def test_a_grade_from_an_old_forecast_says_so(
    db: Database, clock: FixedClock, rulebook: Rulebook, age_hours: int, told: bool
) -> None:
    clock.at = at(TODAY, 6)
    whole = season(rulebook, TODAY - 10 * DAY, at(TODAY + DAY))
    issued_at = clock.now() - age_hours * HOUR
    ahead = [one for one in whole if one.valid_at > issued_at]
    store(db, clock, [one for one in whole if one.valid_at <= issued_at])
    store(db, clock, [replace(one, kind=ValueKind.FORECAST, issued_at=issued_at) for one in ahead])
    run(db, clock, rulebook)
    for row in grades(db).values():
        assert (row.grade > 0) == (age_hours <= rulebook.weather.max_forecast_age_hours), "then there is no data"
        assert ("old_forecast" in row.flags.split(";")) == told


def test_one_bad_reading_of_humidity_costs_its_hour_and_not_the_day(
    db: Database, evening: FixedClock, rulebook: Rulebook
) -> None:
    readings = season(rulebook, TODAY - 10 * DAY, evening.now())
    store(db, evening, [replace(one, rh_pct=-1.0) if one.valid_at == at(TODAY, 9) else one for one in readings])
    run(db, evening, rulebook)
    for row in rows(db, PointDay, PointDay.on == TODAY):
        assert row.lyt_grade > 0
        assert row.rhmin_pct is not None
        assert row.rhmin_pct >= 30
        assert "out_of_range" in row.flags.split(";")
