from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from firewatch.errors import BadInput
from firewatch.rulebook.weather import StationMapping
from firewatch.weather.station_file import StationFile, read

PLAIN = {
    "time_column": "time",
    "temp_c": {"column": "t"},
    "rh_pct": {"column": "rh"},
    "wind_kmh": {"column": "w", "scale": 3.6},
    "rain_mm": {"column": "r"},
}
HEADER = "time,t,rh,w,r\n"


def parse(rows: str, header: str = HEADER, **changes: object) -> StationFile:
    mapping = StationMapping.model_validate({**PLAIN, **changes})
    return read((header + rows).splitlines(keepends=True), mapping)


def utc(day: int, hour: int, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_reads_scales_and_leaves_out_what_is_missing() -> None:
    file = parse("2026-04-01 13:00,18.5,NA,5,0.2\n", temp_c={"column": "t", "scale": 2.0, "offset": -1.0})
    values = file.hours["", utc(1, 13)]
    assert (values.temp_c, values.rh_pct, values.wind_kmh, values.rain_mm) == (36.0, None, 18.0, 0.2)
    assert values.snow_depth_cm is None
    assert (file.rows, file.problems) == (1, ())


def test_a_bad_row_is_told_with_its_line_and_costs_no_good_one() -> None:
    file = parse(
        "2026-04-01T01:00,1,50,1,0\n"
        "yesterday,1,50,1,0\n"
        "2026-04-01T02:00,warm,50,1,0,9\n"
        "\n"
        "2026-04-01T03:00,3,50,1\n"
        '2026-04-01T03:00,"3,50,1,0\n'
        "2026-04-01T03:10,3,50,1,0\n"
        "9999-12-31T23:00-23:00,3,50,1,0\n"
        "2026-04-01T04:00,4,50,1,0\n"
    )
    assert [at.hour for _, at in file.hours] == [1, 4]
    assert [problem.line for problem in file.problems] == [3, 4, 6, 7, 8, 9]
    assert file.problems[1].reason == "6 fields, the header has 5"
    assert file.problems[2].reason == "4 fields, the header has 5"
    assert file.problems[4].reason == "03:10:00 is not a full hour"
    assert file.rows == 8


def test_a_cell_that_is_no_number_costs_no_good_one_beside_it() -> None:
    file = parse("2026-04-01T01:00,18.5,50,///,T\n2026-04-01T02:00,warm,51,1,0\n2026-04-01T03:00,3,52,2,0\n")
    found = [(values.temp_c, values.rh_pct, values.wind_kmh, values.rain_mm) for values in file.hours.values()]
    assert found == [(18.5, 50, None, None), (None, 51, 3.6, 0), (3, 52, 7.2, 0)]
    assert [(problem.line, problem.reason) for problem in file.problems] == [
        (2, "w: '///' is not a number; r: 'T' is not a number"),
        (3, "t: 'warm' is not a number"),
    ]


def test_infinite_and_not_a_number_are_missing() -> None:
    file = parse("2026-04-01T01:00,inf,nan,-inf,0\n")
    values = file.hours["", utc(1, 1)]
    assert (values.temp_c, values.rh_pct, values.wind_kmh, values.rain_mm) == (None, None, None, 0.0)
    assert not file.problems


def test_a_row_without_any_value_is_no_hour() -> None:
    assert not parse("2026-04-01T01:00,NA,NA,,\n").hours


def test_late_and_double_rows_are_merged_and_the_later_row_wins() -> None:
    file = parse(
        "2026-04-01T02:00,2,50,1,0\n2026-04-01T01:00,1,NA,1,0\n2026-04-01T02:00,2.5,NA,1,0\n2026-04-01T02:00,2.5,NA,1,0\n"
    )
    assert [at.hour for _, at in file.hours] == [1, 2]
    assert file.hours["", utc(1, 2)].temp_c == 2.5
    assert file.hours["", utc(1, 2)].rh_pct == 50.0
    assert not file.problems


def test_rain_of_the_following_hour_belongs_to_its_end_and_nothing_else_moves() -> None:
    rows = "2026-04-01T13:00,13,50,1,1.3\n2026-04-01T14:00,14,50,1,1.4\n"
    file = parse(rows, rain_hour="following")
    assert [(at.hour, values.temp_c, values.rain_mm) for (_, at), values in file.hours.items()] == [
        (13, 13.0, None),
        (14, 14.0, 1.3),
        (15, None, 1.4),
    ]
    assert parse(rows).hours["", utc(1, 13)].rain_mm == 1.3


def test_humidity_from_the_dew_point_only_where_it_is_missing() -> None:
    file = parse(
        "2026-04-01T01:00,20,NA,1,0,10\n"
        "2026-04-01T02:00,20,33,1,0,10\n"
        "2026-04-01T03:00,NA,NA,1,0,10\n"
        "2026-04-01T04:00,20,NA,1,0,-9999\n",
        header="time,t,rh,w,r,td\n",
        dew_point_c={"column": "td"},
    )
    humidity = [values.rh_pct for values in file.hours.values()]
    assert humidity[0] == pytest.approx(52.55, abs=0.01)
    assert humidity[1:] == [33.0, None, None]


def test_stations_are_kept_apart() -> None:
    file = parse(
        "2026-04-01T01:00,1,50,1,0,A\n2026-04-01T01:00,2,50,1,0, B \n", "time,t,rh,w,r,id\n", station_column="id"
    )
    assert [(station, values.temp_c) for (station, _), values in file.hours.items()] == [("A", 1.0), ("B", 2.0)]


def test_a_missing_column_names_itself() -> None:
    with pytest.raises(BadInput, match="'rh'"):
        parse("", header="time,t,w,r\n")
    with pytest.raises(BadInput, match="'time'"):
        parse("", header="")


def test_time_in_parts_and_hour_24() -> None:
    parts = {"time_column": None, "year_column": "y", "month_column": "m", "day_column": "d", "hour_column": "h"}
    file = parse(
        "2026,4,1,8,1,50,1,0\n2026,3,31,24,2,50,1,0\n2026,4,1,25,3,50,1,0\n2026,2,30,1,3,50,1,0\n",
        header="y,m,d,h,t,rh,w,r\n",
        time_zone="Asia/Shanghai",
        **parts,
    )
    assert [at for _, at in file.hours] == [datetime(2026, 3, 31, 16, tzinfo=UTC), utc(1, 0)]
    assert [problem.line for problem in file.problems] == [4, 5]


def test_own_format_and_offset_in_the_text() -> None:
    assert list(parse("01.04.2026 05,1,50,1,0\n", time_format="%d.%m.%Y %H", time_zone="Asia/Shanghai").hours) == [
        ("", datetime(2026, 3, 31, 21, tzinfo=UTC))
    ]
    assert list(parse("2026-04-01T05:00+08:00,1,50,1,0\n", time_zone="Europe/Berlin").hours) == [
        ("", datetime(2026, 3, 31, 21, tzinfo=UTC))
    ]


def test_the_clock_change_doubles_no_hour_and_loses_none() -> None:
    autumn = "".join(f"2026-10-25T0{hour}:00,{row},50,1,0\n" for row, hour in enumerate((1, 2, 2, 3)))
    file = parse(autumn, time_zone="Europe/Berlin")
    assert [(at.hour, values.temp_c) for (_, at), values in file.hours.items()] == [(23, 0), (0, 1), (1, 2), (2, 3)]
    spring = parse("2026-03-29T02:00,1,50,1,0\n2026-03-29T03:00,2,50,1,0\n", time_zone="Europe/Berlin")
    assert [at for _, at in spring.hours] == [utc(29, 1, month=3)]
    assert spring.problems[0].reason == "2026-03-29 02:00 does not exist in Europe/Berlin"


@pytest.mark.reference
def test_the_beijing_station_file(reference: Path) -> None:
    mapping = StationMapping.model_validate(
        {
            "year_column": "year",
            "month_column": "month",
            "day_column": "day",
            "hour_column": "hour",
            "time_zone": "Asia/Shanghai",
            "temp_c": {"column": "TEMP"},
            "dew_point_c": {"column": "DEWP"},
            "rain_mm": {"column": "RAIN"},
            "wind_kmh": {"column": "WSPM", "scale": 3.6},
        }
    )
    path = reference / "weather" / "stations" / "beijing_dingling_2013_2017_hourly.csv"
    with path.open(encoding=mapping.encoding, newline="") as lines:
        file = read(lines, mapping)
    assert (file.rows, file.problems) == (35_064, ())
    times = [at for _, at in file.hours]
    assert (times[0], times[-1]) == (datetime(2013, 2, 28, 16, tzinfo=UTC), datetime(2017, 2, 28, 15, tzinfo=UTC))
    assert len(times) == 35_021  # 43 rows hold nothing but NA
    # Gaps of a few hours each, the longest six.
    assert max(after - before for before, after in pairwise(times)) <= timedelta(hours=7)
    humidity = {at: values.rh_pct for (_, at), values in file.hours.items() if values.rh_pct is not None}
    assert all(0 < value <= 100.5 for value in humidity.values())
    at_13 = [value for at, value in humidity.items() if at.hour == 5]
    assert min(at_13) == pytest.approx(4.0, abs=0.1)
    winds = [values.wind_kmh for values in file.hours.values() if values.wind_kmh is not None]
    assert 30 < max(winds) < 60
    rain = [values.rain_mm for values in file.hours.values() if values.rain_mm is not None]
    assert 300 < sum(rain) / 4 < 800
