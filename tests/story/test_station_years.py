"""Years of a real station run through the real service, day after day, as fast as its clock is told to run.

FIREWATCH_TEST_STATION_DAYS says how many days; the file holds 1458 whole ones, four years, which take two minutes.
The file is put into the folder of a station feed; the service is stopped once on the way, as happens in four years.
What it has stored in the end is held against the same weather computed in one piece by the simplest means.
"""

import csv
import math
import os
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import Session, col, func, select

from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.db import Database
from firewatch.indices import fwi_series
from firewatch.jobs.models import JobRun, RunState
from firewatch.weather.models import Observation
from tests.story.service import Service

CONFIG = Path(__file__).parents[1] / "config" / "dingling"
FILE = "beijing_dingling_2013_2017_hourly.csv"
START = datetime(2013, 3, 2, 16, 0, tzinfo=UTC)  # 3 March, midnight in Beijing
DAYS = int(os.environ.get("FIREWATCH_TEST_STATION_DAYS", "120"))
SPEED = 1_000_000.0  # a day in 0.09 s
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEIJING = timedelta(hours=8)

Row = tuple[float, float, float, float]


def number(text: str) -> float:
    return math.nan if text in {"NA", ""} else float(text)


def station_hours(path: Path) -> dict[datetime, Row]:
    """Temperature, humidity, wind in km/h and rain by the local hour, read without any code of ours."""
    hours: dict[datetime, Row] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = datetime(int(row["year"]), int(row["month"]), int(row["day"]), int(row["hour"]))  # noqa: DTZ001 - the station's own hour
            temp, dew = number(row["TEMP"]), number(row["DEWP"])
            rh = 100 * math.exp(17.625 * dew / (243.04 + dew)) / math.exp(17.625 * temp / (243.04 + temp))
            hours[at] = (temp, rh, number(row["WSPM"]) * 3.6, number(row["RAIN"]))
    return hours


def noons(hours: Mapping[datetime, Row], days: list[date]) -> NDArray[np.float64]:
    """Noon temperature, humidity, wind and the rain of the 24 h before; solar noon there is the clock's 12."""
    table = []
    none = (math.nan,) * 4
    for day in days:
        noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - the station's own hour
        rain = round(sum(hours.get(noon - n * HOUR, none)[3] for n in range(24)), 6)
        table.append([*hours.get(noon, none)[:3], rain])
    return np.array(table)


@pytest.mark.reference
@pytest.mark.timeout(600)
def test_years_of_a_station_day_after_day(tmp_path: Path, reference: Path) -> None:
    source = reference / "weather" / "stations" / FILE
    stations = tmp_path / "data" / "stations"
    stations.mkdir(parents=True)
    (stations / FILE).write_bytes(source.read_bytes())
    settings = {
        "FIREWATCH_CONFIG_DIR": str(CONFIG),
        "FIREWATCH_REPLAY": "",
        "FIREWATCH_CLOCK_SPEED": str(SPEED),
        "FIREWATCH_TICK_SECONDS": "0.2",
    }
    with Service(tmp_path, settings) as service:
        assert service.run("db", "upgrade").returncode == 0
        db = Database(f"sqlite:///{tmp_path / 'data' / 'firewatch.db'}")
        last = (START + BEIJING).date() + DAYS * DAY
        run_until(service, db, START, (START + BEIJING).date() + DAYS // 2 * DAY)
        service.kill()
        with db.read() as session:
            reached = session.exec(select(func.max(PointDay.on))).one()
        run_until(service, db, datetime(reached.year, reached.month, reached.day, tzinfo=UTC), last)
        service.stop()
    with db.read() as session:
        rows = list(session.exec(select(PointDay).where(PointDay.on < last).order_by(col(PointDay.on))))
        check_indices(rows, station_hours(source))
        check_grades(session, rows)
        failed = session.exec(select(JobRun).where(col(JobRun.state).in_([RunState.FAILED, RunState.GIVEN_UP]))).all()
        assert [(run.job, run.error) for run in failed] == []
    db.dispose()


def run_until(service: Service, db: Database, start: datetime, last: date) -> None:
    """Run the service from an instant until every day before `last` is settled, on weather that reaches beyond it.

    Between two looks at the file pass weeks of this clock on a busy machine; days are graded as missing meanwhile.
    """
    service.start(FIREWATCH_CLOCK_START=start.isoformat())
    deadline = time.monotonic() + 280
    while time.monotonic() < deadline:
        assert service.process is not None
        assert service.process.poll() is None, service.said()
        with db.read() as session:
            settled = session.exec(select(func.max(PointDay.on)).where(col(PointDay.provisional).is_(False))).one()
            measured = session.exec(select(func.max(Observation.valid_at))).one()
        reached = settled is not None and settled >= last - DAY
        if reached and measured is not None and (measured + BEIJING).date() >= last:
            return
        time.sleep(0.1)
    raise AssertionError(f"only came to {settled}, measured to {measured}: {service.said()}")


def check_indices(rows: list[PointDay], hours: Mapping[datetime, Row]) -> None:
    days = [row.on for row in rows]
    assert days == [days[0] + n * DAY for n in range(len(days))], "every day is there"
    assert len(days) >= DAYS - 2
    temp_c, rh_pct, wind_kmh, rain_mm = np.moveaxis(noons(hours, days)[:, :, np.newaxis], 1, 0)
    whole = fwi_series.daily(
        temp_c,
        rh_pct,
        wind_kmh,
        rain_mm,
        month=[day.month for day in days],
        lat=40.292,
        start=fwi_series.FwiState.cold_start(),
    )
    for name in ("ffmc", "dmc", "dc", "isi", "bui", "fwi"):
        stored = np.array([math.nan if getattr(row, name) is None else getattr(row, name) for row in rows])
        np.testing.assert_allclose(stored, getattr(whole, name)[:, 0], rtol=1e-9, err_msg=name)


def check_grades(session: Session, rows: list[PointDay]) -> None:
    """A bridged day has no grade, a measured one has; the dry spring is graded high, and no day is missing."""
    for row in rows:
        assert (row.fwi_grade == 0) == ("bridged" in row.flags or row.fwi is None), row
    graded = session.exec(select(func.count()).select_from(ZoneGrade).where(ZoneGrade.scheme == "lyt1172")).one()
    assert graded >= len(rows)
    assert {row.lyt_grade for row in rows} == ({0, 1, 2, 3, 4, 5} if DAYS > 1000 else {row.lyt_grade for row in rows})
