"""The season in the chain of days: the calendar marks days, the thaw lets the codes rest, a restart changes no bit."""

import json
import math
import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from sqlmodel import col, delete

from firewatch.clock import FixedClock
from firewatch.danger import rows as danger_rows
from firewatch.danger import season as fire_season
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database
from firewatch.rulebook.danger import Danger
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.season import Season
from firewatch.weather.feeds import Reading
from tests.build import rows
from tests.service.grading import DAY, HOUR, at, observed, run, store

FIRST = date(2026, 3, 1)


def by(book: Rulebook, **rules: object) -> Rulebook:
    """The rulebook with another season and enough history."""
    season = Season.model_validate({**book.danger.season.model_dump(), **rules})
    return replace(book, danger=Danger.model_validate({**book.danger.model_dump(), "season": season.model_dump()}))


def weather(book: Rulebook, tops: list[float], rain_mm: float = 0.0) -> list[Reading]:
    """Days whose maximum is known at every point; it rains at the tenth hour of each."""
    readings = []
    for number, top in enumerate(tops):
        start = at(FIRST + number * DAY)
        for hour in range(1, 25):
            fell = rain_mm if hour == 10 else 0.0
            for point in book.points:
                chance = random.Random(f"{point} {number} {hour}")  # noqa: S311 - made-up weather
                warmth = -3 + (top + 3) * max(0.0, math.sin(math.pi * (hour - 6) / 14)) - 0.2 * chance.random()
                rh_pct, wind_kmh = 35 + 10 * chance.random(), 5 + 10 * chance.random()
                readings.append(observed(point, start + hour * HOUR, warmth, rh_pct, wind_kmh, fell))
    return readings


def graded(db: Database, clock: FixedClock, book: Rulebook, tops: list[float], rain_mm: float = 0.0) -> None:
    last = FIRST + (len(tops) - 1) * DAY
    clock.advance(minutes=(at(last + DAY, 1) - clock.now()) / timedelta(minutes=1))
    store(db, clock, weather(book, tops, rain_mm))
    run(db, clock, book, last)


def fwi_of(db: Database, zone: str = "kangle") -> list[ZoneGrade]:
    return rows(db, ZoneGrade, ZoneGrade.zone_id == zone, ZoneGrade.scheme == "fwi")


WINTER = [14.0] * 4 + [2.0] * 6 + [15.0] * 5


@pytest.fixture
def early() -> FixedClock:
    """Before the first day: the chain ends where the clock stands."""
    return FixedClock(datetime.fromisoformat("2026-03-02T00:00:00+00:00"))


def test_by_the_thaw_the_codes_rest_and_say_so(db: Database, early: FixedClock, rulebook: Rulebook) -> None:
    book = by(rulebook, rule="thaw")
    graded(db, early, book, WINTER, rain_mm=4.0)
    told = {row.on: row for row in fwi_of(db)}
    resting = [on.day for on, row in told.items() if fire_season.is_out_of_season(row.grade, row.flags)]
    assert resting == [7, 8, 9, 10, 11, 12]
    assert all("off_season" in told[date(2026, 3, day)].flags.split(";") for day in resting)
    assert "point_missing" not in told[date(2026, 3, 8)].flags
    begun = told[date(2026, 3, 13)]
    assert "overwintered" in begun.flags.split(";")
    assert begun.grade > 0
    lyt = rows(db, ZoneGrade, ZoneGrade.zone_id == "kangle", ZoneGrade.scheme == "lyt1172")
    assert all(row.grade > 0 for row in lyt if row.on > FIRST + DAY)
    assert not any(fire_season.is_out_of_season(row.grade, row.flags) for row in lyt)


def test_a_run_taken_up_from_any_stored_day_gives_equal_bits(
    db: Database, early: FixedClock, rulebook: Rulebook
) -> None:
    book = by(rulebook, rule="thaw")
    graded(db, early, book, WINTER, rain_mm=4.0)
    said = {"state", "flags", "fwi", "dc", "fwi_grade"}
    before = [(row.point_id, row.on, json.dumps(row.model_dump(include=said))) for row in rows(db, PointDay)]
    last = FIRST + (len(WINTER) - 1) * DAY
    for day in (5, 8, 12):
        with db.write() as session:
            for table in (PointDay, ZoneGrade):
                session.exec(delete(table).where(col(table.on) > date(2026, 3, day)))
        run(db, early, book, last)
        after = [(row.point_id, row.on, json.dumps(row.model_dump(include=said))) for row in rows(db, PointDay)]
        assert sorted(after) == sorted(before)


def test_by_the_calendar_a_day_out_of_season_is_marked_and_graded(
    db: Database, early: FixedClock, rulebook: Rulebook
) -> None:
    window = {"vegetation": "forest", "first": "11-01", "last": "03-05", "zones": []}
    book = by(rulebook, rule="calendar", window=[window])
    graded(db, early, book, WINTER)
    off = [row.on.day for row in fwi_of(db) if "off_season" in row.flags.split(";")]
    assert off == list(range(6, 16))
    assert all(row.grade > 0 for row in fwi_of(db) if row.on > FIRST + DAY)
    with db.read() as session:
        days = [date(2026, 3, 5), date(2026, 3, 6)]
        assert [fire_season.in_season(session, book, on, "kangle") for on in days] == [True, False]


def test_the_season_of_a_zone_is_what_its_points_found(db: Database, early: FixedClock, rulebook: Rulebook) -> None:
    book = by(rulebook, rule="thaw")
    with db.read() as session:
        assert fire_season.in_season(session, book, FIRST, "kangle")
    graded(db, early, book, WINTER)
    with db.read() as session:
        days = [date(2026, 2, 1), date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 13), date(2026, 4, 1)]
        found = [fire_season.in_season(session, book, on, "kangle") for on in days]
    assert found == [True, True, False, True, True]


def test_a_state_stored_before_there_were_seasons_is_in_season(rulebook: Rulebook) -> None:
    new = danger_rows.states([None])
    old = dict.fromkeys(("ffmc", "dmc", "dc", "temp_c", "rh_pct", "wind_kmh", "gap_days", "spin_up_left"), 1.0)
    taken_up = danger_rows.states([{**old, "dry_days": 3.0, "wet_mm": None, "rain_gap": 0.0}])
    assert np.asarray(taken_up.season.active).tolist() == [True]
    assert np.asarray(taken_up.fwi.dc).tolist() == [1.0]
    assert np.asarray(new.season.active).tolist() == [True]
    assert danger_rows.Chain(rulebook, *danger_rows.states([None] * len(rulebook.points)))
