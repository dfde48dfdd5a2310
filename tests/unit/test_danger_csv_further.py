"""The commands of the further schemes: columns, chains, gaps, and complaints that name their line."""

import csv
import io
import math

import numpy as np
import pytest

from firewatch.__main__ import main
from firewatch.commands.danger import _FURTHER
from firewatch.danger.csv_further import SCHEMES, Options, scheme_file
from firewatch.errors import BadInput
from firewatch.indices import ffdi, kbdi, nesterov

HEADER = "id,date,temp_c,rh_pct,wind_kmh,tmax_c,rain_mm"
WET = Options(annual_rain_mm=500.0)
KNOWN = Options(annual_rain_mm=500.0, start_mm=60.0)
FINE = "22,30,15,25,0"


def answer_of(
    name: str, *rows: str, header: str = HEADER, options: Options = KNOWN, block: int = 20_000
) -> list[dict[str, str]]:
    out = io.StringIO()
    scheme_file(name, io.StringIO("\n".join([header, *rows]) + "\n", newline=""), out, options, block)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def days(first: int, count: int, *, station: str = "A", weather: str = FINE) -> list[str]:
    return [f"{station},2024-05-{first + day:02},{weather}" for day in range(count)]


def test_kbdi_in_millimetres_and_in_points() -> None:
    answer = answer_of("kbdi", *days(1, 2))
    expected = kbdi.daily([[25.0]] * 2, [[0.0]] * 2, 500.0, kbdi.KbdiState(60.0)).kbdi_mm[:, 0]
    assert [float(row["kbdi_mm"]) for row in answer] == expected.tolist()
    assert float(answer[1]["kbdi"]) == pytest.approx(expected[1] / 203.2 * 800)
    assert [row["flags"] for row in answer] == ["", ""]


def test_without_a_start_the_soil_is_a_guess_and_told_so() -> None:
    row = answer_of("kbdi", *days(1, 1), options=WET)[0]
    assert row["flags"] == "spin_up"
    assert float(row["kbdi_mm"]) < 2.0


def test_ffdi_with_its_rating_and_what_it_rests_on() -> None:
    answer = answer_of("ffdi", *days(1, 21))
    t, h, w, tmax, r = (np.full((21, 1), value) for value in (22.0, 30.0, 15.0, 25.0, 0.0))
    expected = ffdi.daily(t, h, w, tmax, r, 500.0, ffdi.FfdiState(kbdi.KbdiState(60.0)))
    last = answer[-1]
    assert float(last["ffdi"]) == expected.ffdi[-1, 0]
    assert last["rating"] == str(expected.rating[-1, 0])
    assert float(last["drought_factor"]) == expected.drought_factor[-1, 0]
    assert [row["flags"] for row in answer] == ["rain_gap"] * 19 + [""] * 2


def test_nesterov_angstrom_and_fosberg() -> None:
    total = nesterov.daily([[22.0]], [[30.0]], [[0.0]]).nesterov[0, 0]
    row = answer_of("nesterov", *days(1, 1))[0]
    assert (float(row["nesterov"]), row["class"], row["flags"]) == (total, "2", "spin_up")
    row = answer_of("angstrom", *days(1, 1))[0]
    assert (float(row["angstrom"]), row["class"]) == (2.0, "3")
    row = answer_of("fosberg", *days(1, 1))[0]
    assert 0.0 < float(row["fosberg"]) < 100.0


@pytest.mark.parametrize("name", SCHEMES)
def test_a_day_without_a_value_is_blank_never_a_low_class(name: str) -> None:
    row = answer_of(name, *days(1, 1, weather=",,,,"))[0]
    assert [row[column] for column in SCHEMES[name].answers] == [""] * len(SCHEMES[name].answers)
    assert "no_value" in row["flags"]


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("block", [1, 3, 20_000])
def test_stations_may_be_mixed_and_blocks_do_not_show(name: str, block: int) -> None:
    every = [days(1, 5), days(1, 5, station="临夏", weather="12,55,30,14,6.5")]
    alone = [answer_of(name, *rows) for rows in every]
    mixed = answer_of(name, *(row for pair in zip(*every, strict=True) for row in pair), block=block)
    assert mixed[::2] == alone[0]
    assert mixed[1::2] == alone[1]


@pytest.mark.parametrize("name", ["kbdi", "ffdi", "nesterov"])
@pytest.mark.parametrize("absent", [1, 4, 10])
def test_a_skipped_calendar_day_is_a_day_without_readings(name: str, absent: int) -> None:
    skipped = answer_of(name, *days(1, 2), *days(3 + absent, 1))[-1]
    spelt_out = answer_of(name, *days(1, 2), *days(3, absent, weather=",,,,"), *days(3 + absent, 1))[-1]
    flags = skipped.pop("flags").split(";")
    assert flags.pop(0) == "gap_before"
    assert flags == [flag for flag in spelt_out.pop("flags").split(";") if flag]
    assert skipped == spelt_out


def test_a_very_long_gap_is_only_a_gap() -> None:
    rows = answer_of("ffdi", f"A,0001-05-01,{FINE}", f"A,9999-05-01,{FINE}")
    assert rows[1]["flags"] == "gap_before;restarted;spin_up;rain_gap"


def test_the_annual_rain_may_differ_by_station() -> None:
    header = f"{HEADER},annual_rain_mm"
    rows = answer_of("kbdi", f"A,2024-05-01,{FINE},300", f"B,2024-05-01,{FINE},1500", header=header, options=Options())
    assert float(rows[0]["kbdi_mm"]) < float(rows[1]["kbdi_mm"])
    with pytest.raises(BadInput, match=r"line 3: annual_rain_mm 400 after 300 for the same station \(id A\)"):
        answer_of("kbdi", f"A,2024-05-01,{FINE},300", f"A,2024-05-02,{FINE},400", header=header)
    with pytest.raises(BadInput, match="line 2: annual_rain_mm 'NA' is not a number from 1 to 15000"):
        answer_of("kbdi", f"A,2024-05-01,{FINE},NA", header=header)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([*days(1, 1), *days(1, 1)], KNOWN, r"line 3: 2024-05-01 stands there twice \(id A\)"),
        ([*days(2, 1), *days(1, 1)], KNOWN, "line 3: 2024-05-01 comes after 2024-05-02"),
        (["A,1/5/2024," + FINE], KNOWN, "line 2: date '1/5/2024' is not a date"),
        (days(1, 1, weather="22,30,15,warm,0"), KNOWN, "line 2: tmax_c 'warm' is not a number"),
        (days(1, 1), Options(), "mean annual rain is wanted: a column annual_rain_mm or --annual-rain MM"),
        (days(1, 1), Options(annual_rain_mm=math.nan), "--annual-rain: nan is not a number from 1 to 15000"),
        (days(1, 1), Options(500.0, 300.0), "start.kbdi_mm: a value is missing or outside 0 to 203.2"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(rows: list[str], options: Options, message: str) -> None:
    out = io.StringIO()
    with pytest.raises(BadInput, match=message):
        scheme_file("kbdi", io.StringIO("\n".join([HEADER, *rows]), newline=""), out, options)
    assert out.getvalue() == ""


def test_a_header_alone_is_answered_by_a_header() -> None:
    assert answer_of("fosberg") == []


def test_every_scheme_is_a_command_that_names_its_columns() -> None:
    assert list(_FURTHER) == list(SCHEMES)
    for name, scheme in SCHEMES.items():
        assert ",".join(["date", *scheme.columns]) in _FURTHER[name]
        assert ("--annual-rain" in _FURTHER[name]) is scheme.annual_rain


def test_the_command_writes_to_standard_output(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    source = f"{tmp_path}/days.csv"
    with open(source, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name as the shell hands it over
        file.write("\n".join([HEADER, *days(1, 1)]))
    assert main(["danger", "ffdi", source, "--annual-rain", "500", "--start", "60"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{HEADER},ffdi,rating,drought_factor,kbdi_mm,flags"
    assert main(["danger", "angstrom", source]) == 0
    assert main(["danger", "kbdi", source]) == 2
    assert "mean annual rain is wanted" in capsys.readouterr().err
