"""The two CSV commands: columns, missing values, gaps, several stations, and complaints that name their line."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firewatch.danger import csv_files
from firewatch.danger.csv_files import fwi_file, lyt1172_file
from firewatch.errors import BadInput
from firewatch.indices import fwi_series
from firewatch.indices.fwi_series import daily

GOLDEN = Path(fwi_series.__file__).parent / "tables"
RESULTS = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
HEADER = "id,lat,long,yr,mon,day,temp,rh,ws,prec"


def answer_of(command: Callable[..., None], text: str, *options: str) -> list[dict[str, str]]:
    out = io.StringIO()
    command(io.StringIO(text, newline=""), out, *options)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def fwi_of(*rows: str, header: str = HEADER) -> list[dict[str, str]]:
    return answer_of(fwi_file, "\n".join([header, *rows]) + "\n")


def numbers(row: dict[str, str]) -> list[float]:
    return [float(row[name]) for name in RESULTS]


def test_the_full_precision_table_from_a_file(tmp_path: Path) -> None:
    with (GOLDEN / "vw1985_48day_fullprec.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    source = tmp_path / "season.csv"
    lines = [",".join(row[name] for name in HEADER.split(",")[1:]) for row in table]
    source.write_text("\n".join(["LAT,Long,YR,Mon,DAY,Temp,RH,WS,Prec", *lines]), encoding="utf-8")
    out = io.StringIO()
    fwi_file(source, out)
    answer = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert list(answer[0]) == ["LAT", "Long", "YR", "Mon", "DAY", "Temp", "RH", "WS", "Prec", *RESULTS, "flags"]
    assert [row["flags"] for row in answer] == [""] * 48
    for expected, row in zip(table, answer, strict=True):
        assert numbers(row) == pytest.approx([float(expected[name]) for name in RESULTS], rel=1e-9, abs=0.0)
    assert out.getvalue().splitlines()[1].startswith(lines[0] + ",87.69298009277")


def test_numbers_are_written_so_that_reading_them_gives_the_same_bits() -> None:
    row = fwi_of("A,36,103,2024,5,1,20,35,12,0")[0]
    one = [np.array([[value]]) for value in (20.0, 35.0, 12.0, 0.0)]
    days = daily(one[0], one[1], one[2], one[3], [5], 36.0)
    assert numbers(row) == [float(getattr(days, name)[0, 0]) for name in RESULTS]


def test_the_other_constant_is_used_when_it_is_asked_for() -> None:
    text = f"{HEADER}\nA,36,103,2024,5,1,20,35,12,0\n"
    usual, exact = answer_of(fwi_file, text), answer_of(fwi_file, text, "exact")
    assert usual[0]["ffmc"] != exact[0]["ffmc"]
    assert float(usual[0]["ffmc"]) == pytest.approx(float(exact[0]["ffmc"]), abs=0.1)


def test_columns_stay_in_their_order_and_unknown_ones_are_handed_through() -> None:
    rows = fwi_of('12,0,"a, ""b""",35,20,1,5,2024,103,36', header="ws,prec,Note,rh,temp,day,mon,yr,long,lat")
    assert list(rows[0])[:10] == ["ws", "prec", "Note", "rh", "temp", "day", "mon", "yr", "long", "lat"]
    assert rows[0]["Note"] == 'a, "b"'
    assert numbers(rows[0]) == numbers(fwi_of("A,36,103,2024,5,1,20,35,12,0")[0])


def test_a_byte_order_mark_crlf_and_empty_lines_are_no_hindrance(tmp_path: Path) -> None:
    text = f"\ufeff{HEADER}\r\n\r\nA,36,103,2024,5,1,20,35,12,0\r\n\r\n"
    plain = fwi_of("A,36,103,2024,5,1,20,35,12,0")
    assert answer_of(fwi_file, text) == plain
    (tmp_path / "marked.csv").write_bytes(text.encode())
    out = io.StringIO()
    fwi_file(str(tmp_path / "marked.csv"), out)
    assert list(csv.DictReader(io.StringIO(out.getvalue()))) == plain


@pytest.mark.parametrize("missing", ["", " ", "NA", "nan", "NaN"])
def test_a_missing_value_is_bridged_and_told(missing: str) -> None:
    rows = fwi_of("A,36,103,2024,5,1,20,35,12,0", f"A,36,103,2024,5,2,20,{missing},12,0")
    assert [row["flags"] for row in rows] == ["", "rh_missing;bridged"]
    assert numbers(rows[1]) == numbers(fwi_of(*(f"A,36,103,2024,5,{day},20,35,12,0" for day in (1, 2)))[1])


def test_a_day_without_a_value_is_blank() -> None:
    row = fwi_of("A,36,103,2024,5,1,,35,12,0")[0]
    assert [row[name] for name in RESULTS] == [""] * 7
    assert row["flags"] == "temp_missing;no_value"


@pytest.mark.parametrize(
    ("skipped", "flags"), [(1, "gap_before"), (3, "gap_before"), (4, "gap_before;restarted;spin_up")]
)
def test_a_skipped_calendar_day_is_a_gap(skipped: int, flags: str) -> None:
    before = [f"A,36,103,2024,2,{day},20,35,12,0" for day in range(20, 28)]
    on = dt.date(2024, 2, 28) + dt.timedelta(skipped)
    after = f"A,36,103,{on.year},{on.month},{on.day},20,35,12,0"
    days = [dt.date(2024, 2, 28) + dt.timedelta(i) for i in range(skipped)]
    blank = [f"A,36,103,{day.year},{day.month},{day.day},,,," for day in days]
    row, spelt_out = fwi_of(*before, after)[-1], fwi_of(*before, *blank, after)[-1]
    assert row["flags"] == flags
    assert numbers(row) == numbers(spelt_out)


def test_a_very_long_gap_is_only_a_gap() -> None:
    rows = fwi_of("A,36,103,1,5,1,20,35,12,0", "A,36,103,9999,5,1,20,35,12,0")
    assert rows[1]["flags"] == "gap_before;restarted;spin_up"
    assert numbers(rows[1]) == numbers(rows[0])


def station(name: str, lat: int, days: list[int], temp: float) -> list[str]:
    return [f"{name},{lat},103,2024,5,{day},{temp + day},35,12,{day % 3}" for day in days]


@pytest.mark.parametrize("block", [1, 2, 5, 20_000])
def test_stations_may_be_mixed_and_each_is_a_chain(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK_ROWS", block)
    every = [
        station("A", 36, [1, 2, 3, 4, 5], 15.0),
        station("B", -36, [1, 2, 3, 4, 5], 25.0),
        station("临夏", 36, [2, 4, 5, 11, 12], 5.0),
    ]
    alone = [fwi_of(*rows) for rows in every]
    mixed = fwi_of(*(row for rows in zip(*every, strict=True) for row in rows))
    one_by_one = fwi_of(*(row for rows in every for row in rows))
    for place, rows in enumerate(alone):
        assert mixed[place::3] == rows
        assert one_by_one[place * 5 : place * 5 + 5] == rows


def test_a_header_alone_is_answered_by_a_header() -> None:
    out = io.StringIO()
    fwi_file(io.StringIO(HEADER), out)
    assert out.getvalue() == f"{HEADER},{','.join(RESULTS)},flags\n"
    assert lyt_of() == []


GOOD = "A,36,103,2024,5,1,20,35,12,0"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([GOOD, GOOD], r"line 3: 2024-05-01 stands there twice \(id A\)"),
        ([GOOD, "B,36,103,2024,4,1,20,35,12,0", "A,36,103,2024,4,30,20,35,12,0"], "line 4: 2024-04-30 comes after"),
        (["A,36,103,2024,2,30,20,35,12,0"], "line 2: '2024-2-30' is not a date"),
        (["A,36,103,2024,5,1.5,20,35,12,0"], "line 2: '2024-5-1.5' is not a date"),
        (["A,36,103,2024,5,,20,35,12,0"], "line 2: '2024-5-' is not a date"),
        (["A,36,103,1e99,5,1,20,35,12,0"], "line 2: '1e99-5-1' is not a date"),
        (["A,36,103,2024,May,1,20,35,12,0"], "line 2: mon 'May' is not a number"),
        ([GOOD, "A,36,103,2024,5,2,20,35%,12,0"], "line 3: rh '35%' is not a number"),
        (["A,36,103,2024,5,1,1_0,35,12,0"], "line 2: temp '1_0' is not a number"),
        (["A,36,103,2024,5,1,inf,35,12,0"], "line 2: temp 'inf' is not a number"),
        (["A,,103,2024,5,1,20,35,12,0"], "line 2: lat '' is not a number from -90 to 90"),
        (["A,91,103,2024,5,1,20,35,12,0"], "line 2: lat '91' is not a number from -90 to 90"),
        (["A,36,1103,2024,5,1,20,35,12,0"], "line 2: long '1103' is not"),
        ([GOOD, "A,37,103,2024,5,2,20,35,12,0"], "line 3: lat 37 after 36 for the same station"),
        (["", GOOD, "", f"{GOOD},0"], "line 5: 11 fields, the header has 10"),
        (['"A\nB",36,103,2024,5,1,20,35,12,0', GOOD, "A,36"], "line 5: 2 fields"),
        ([GOOD, '"A,36'], "line 3: unexpected end of data"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(rows: list[str], message: str) -> None:
    out = io.StringIO()
    with pytest.raises(BadInput, match=message):
        fwi_file(io.StringIO("\n".join([HEADER, *rows]), newline=""), out)
    assert out.getvalue() == ""


def test_a_longitude_may_be_left_out_for_it_is_not_used() -> None:
    assert numbers(fwi_of("A,36,,2024,5,1,20,35,12,0")[0]) == numbers(fwi_of(GOOD)[0])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "line 1: no column long, lat, yr"),
        (HEADER.replace(",rh", ""), "line 1: no column rh; wanted are"),
        (f"{HEADER},RH", "line 1: column rh stands there twice"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(header: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        fwi_file(io.StringIO(header), io.StringIO())


def test_an_unknown_constant_is_refused() -> None:
    with pytest.raises(BadInput, match="constant: 'vw87'"):
        answer_of(fwi_file, f"{HEADER}\n{GOOD}", "vw87")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.csv: No such file"):
        fwi_file(tmp_path / "none.csv", io.StringIO())
    (tmp_path / "gbk.csv").write_bytes(f"{HEADER}\n临夏,36,103,2024,5,1,20,35,12,0".encode("gbk"))
    with pytest.raises(BadInput, match="not UTF-8"):
        fwi_file(tmp_path / "gbk.csv", io.StringIO())


def test_a_reader_that_has_gone_is_not_the_file_s_fault() -> None:
    class Gone(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError(f"{len(text)} characters left over")

    with pytest.raises(BrokenPipeError):
        fwi_file(io.StringIO(f"{HEADER}\n{GOOD}"), Gone())


LYT = "date,tmax_c,rhmin_pct,rain_mm,windmax_ms,green_pct,snow_pct"


def lyt_of(*rows: str) -> list[tuple[str, str]]:
    answer = answer_of(lyt1172_file, "\n".join([LYT, *rows]))
    return [(row["htz"], row["grade"]) for row in answer]


def test_the_worked_example_from_a_file() -> None:
    dry = [f"2024-04-{day:02},18.2,22,0,9.1,20,0" for day in range(2, 8)]
    answer = lyt_of("2024-04-01,18.2,22,3.0,9.1,20,0", *dry)
    assert answer == [(str(52 + 5 + 5 * day), str(3 if day < 4 else 4)) for day in range(7)]
    assert answer[-1] == ("87", "4")


@pytest.mark.parametrize("block", [1, 3, 20_000])
def test_a_skipped_day_counts_as_dry_in_any_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK_ROWS", block)
    days = [1, 2, 3, 4, 7, 8, 9, 10]
    answer = lyt_of(*(f"2024-04-{day:02},18.2,22,{3.0 if day == 1 else 0},9.1,20,0" for day in days))
    assert [htz for htz, _ in answer] == [str(min(52 + 5 * day, 102)) for day in days]


def test_a_day_without_all_its_inputs_is_blank() -> None:
    rows = ("2024-04-01,18.2,22,3.0,9.1,20,0", "2024-04-02,18.2,,0,9.1,20,0", "2024-04-03,18.2,22,0,9.1,20,NA")
    assert lyt_of(*rows) == [("57", "3"), ("", ""), ("", "")]


def test_the_choice_after_the_eighth_day_can_be_handed_in() -> None:
    rows = [f"2024-04-{day:02},18.2,22,{20.0 if day == 1 else 0},9.1,20,0" for day in range(1, 11)]
    text = "\n".join([LYT, *rows])
    assert answer_of(lyt1172_file, text)[-1]["htz"] == "92"
    assert answer_of(lyt1172_file, text, "jump")[-1]["htz"] == "102"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["2024-04-01,18,22,0,9,20,0", "2024-04-01,18,22,0,9,20,0"], "line 3: 2024-04-01 stands there twice$"),
        (["2024-04-02,18,22,0,9,20,0", "2024-04-01,18,22,0,9,20,0"], "line 3: 2024-04-01 comes after 2024-04-02"),
        (["2023-02-29,18,22,0,9,20,0"], "line 2: date '2023-02-29' is not a date"),
        (["1/4/2024,18,22,0,9,20,0"], "line 2: date '1/4/2024' is not a date"),
        (["2024-04-01,warm,22,0,9,20,0"], "line 2: tmax_c 'warm' is not a number"),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_national_grade_too(rows: list[str], message: str) -> None:
    out = io.StringIO()
    with pytest.raises(BadInput, match=message):
        lyt1172_file(io.StringIO("\n".join([LYT, *rows])), out)
    assert out.getvalue() == ""
