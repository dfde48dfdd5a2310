"""`firewatch danger conformance`: it passes as shipped, and fails for a wrong figure, a wrong kernel, a missing row."""

import dataclasses
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firewatch.__main__ import main
from firewatch.danger import conformance_tables, conformance_xclim
from firewatch.danger.conformance import Case, Tolerance, compare, without_row
from firewatch.danger.conformance_report import index_modules, report
from firewatch.danger.conformance_tables import REFERENCES, Reference, read_columns, table_cases
from firewatch.errors import BadInput
from firewatch.indices.catalogue import HELPERS, INDICES, Index, unlisted


def verdict(cases: Iterator[Case], indices: tuple[Index, ...] = INDICES) -> tuple[int, str]:
    out = io.StringIO()
    return report(out, cases, indices), out.getvalue()


A_TENTH = Tolerance(0.1)


def a_case(ours: list[float], theirs: list[float], tolerance: Tolerance = A_TENTH) -> Case:
    return Case("kbdi", "a table", {"kbdi_mm": np.array(ours)}, {"kbdi_mm": np.array(theirs)}, {"": tolerance})


# The comparison


def test_differences_are_the_largest_of_the_column() -> None:
    (difference,) = compare(a_case([1.0, 10.05, 3.0], [1.0, 10.0, np.nan])).differences
    assert (difference.compared, difference.within) == (2, True)
    assert (difference.max_abs, difference.max_rel) == pytest.approx((0.05, 0.005))


@pytest.mark.parametrize(
    ("tolerance", "good"),
    [(Tolerance(0.3), True), (Tolerance(0.2), False), (Tolerance(0.0, 0.03), True), (Tolerance(0.0, 0.02), False)],
)
def test_the_wider_tolerance_counts(tolerance: Tolerance, good: bool) -> None:
    assert compare(a_case([10.25], [10.0], tolerance)).good is good


def test_equal_figures_need_no_tolerance_and_nought_has_no_relative_difference() -> None:
    row = compare(a_case([0.0, 5.0], [0.0, 5.0], Tolerance()))
    assert row.good
    assert row.differences[0].max_rel == 0.0


@pytest.mark.parametrize(
    ("ours", "theirs"), [([np.nan], [1.0]), ([1.0, 2.0], [1.0]), ([1.0], [np.nan]), ([], []), ([np.inf], [1.0])]
)
def test_what_is_not_there_cannot_agree(ours: list[float], theirs: list[float]) -> None:
    row = compare(a_case(ours, theirs))
    assert not row.good
    assert row.differences[0].max_abs == np.inf


def test_a_column_that_ours_lacks_is_out_and_so_is_a_case_without_columns() -> None:
    case = a_case([1.0], [1.0])
    assert not compare(dataclasses.replace(case, ours={})).good
    assert not compare(dataclasses.replace(case, theirs={})).good


def test_a_column_may_have_a_tolerance_of_its_own() -> None:
    case = dataclasses.replace(a_case([1.5], [1.0]), tolerances={"": Tolerance(0.1), "kbdi_mm": Tolerance(0.6)})
    assert compare(case).good


def test_tolerances_are_spelt_for_people() -> None:
    spelt = [str(each) for each in (Tolerance(), Tolerance(0.05), Tolerance(0.0, 1e-9), Tolerance(1.0, 0.5))]
    assert spelt == ["0", "0.05", "1e-09 relative", "1 or 0.5 relative"]


def test_indices_without_a_row_are_named_in_their_order() -> None:
    rows = [compare(a_case([1.0], [1.0]))]
    assert without_row(rows, INDICES) == [index.key for index in INDICES if index.key != "kbdi"]


# The list of indices


def test_every_module_of_the_package_is_listed_or_a_helper() -> None:
    assert unlisted(index_modules()) == []
    assert {index.module for index in INDICES} | HELPERS == set(index_modules())


def test_a_module_that_nobody_listed_is_found() -> None:
    assert unlisted([*index_modules(), "cosine"]) == ["cosine"]
    without = tuple(index for index in INDICES if index.module != "fosberg")
    status, text = verdict(table_cases(), without)
    assert status == 1
    assert "OUT  the module fosberg computes nothing that is listed" in text


def test_keys_are_unique_and_documented() -> None:
    keys = [index.key for index in INDICES]
    assert len(set(keys)) == len(keys)
    page = (Path(__file__).parents[2] / "docs" / "indices.md").read_text(encoding="utf-8")
    assert [key for key in keys if f"`{key}`" not in page] == []


POINTS = ("Source", "Inputs", "Units", "Range", "Others", "Ours")


def test_the_page_tells_all_points_of_every_index() -> None:
    page = (Path(__file__).parents[2] / "docs" / "indices.md").read_text(encoding="utf-8")
    sections = [part for part in page.split("\n## ") if part.splitlines()[0].count("`")]
    headings = "\n".join(part.splitlines()[0] for part in sections)
    assert [index.key for index in INDICES if f"`{index.key}`" not in headings] == []
    told = {part.splitlines()[0]: re.findall(r"^\* \*\*(\w+)\*\*: \S", part, re.MULTILINE) for part in sections}
    absent = {heading: [point for point in POINTS if points.count(point) != 1] for heading, points in told.items()}
    assert {heading: points for heading, points in absent.items() if points} == {}


# The tables


def test_every_index_meets_its_tables_and_every_table_has_its_origin() -> None:
    status, text = verdict(table_cases())
    assert status == 0, text
    assert "BEYOND" not in text
    origins = (conformance_tables.TABLES / "README.md").read_text(encoding="utf-8")
    files = {file.name for file in conformance_tables.TABLES.iterdir() if file.name.endswith(".csv")}
    assert files == {reference.file for reference in REFERENCES}
    assert [name for name in files if f"| {name} |" not in origins] == []


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.file)
def test_a_figure_changed_in_a_table_is_found(reference: Reference, tmp_path: Path) -> None:
    with_path = conformance_tables.TABLES / reference.file
    lines = with_path.read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index(reference.columns[-1])
    fields = lines[-1].split(",")
    fields[column] = str(float(fields[column]) * 1.01 + 1.0)
    (tmp_path / reference.file).write_text("\n".join([*lines[:-1], ",".join(fields)]), encoding="utf-8")
    (case,) = table_cases([reference], tmp_path)
    assert not compare(case).good


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.file)
def test_a_kernel_a_little_wrong_is_found(reference: Reference) -> None:
    wrong = dataclasses.replace(
        reference, run=lambda table: {name: values * 1.01 + 0.2 for name, values in reference.run(table).items()}
    )
    others = [each for each in REFERENCES if each is not reference]
    status, text = verdict(table_cases([wrong, *others]))
    assert status == 1
    assert text.splitlines()[0].startswith(f"OUT  {reference.index} ")
    assert text.endswith("comparisons, 1 not in order\n")


@pytest.mark.parametrize("index", INDICES, ids=lambda index: index.key)
def test_an_index_without_a_row_is_found(index: Index) -> None:
    status, text = verdict(table_cases([each for each in REFERENCES if each.index != index.key]))
    assert status == 1
    assert f"OUT  {index.key} has no row" in text


def test_a_table_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    reference = REFERENCES[-1]
    with pytest.raises(BadInput, match=f"{reference.file}: .*No such file"):
        list(table_cases([reference], tmp_path))
    (tmp_path / "words.csv").write_text("a,b\n1,two\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"words\.csv: could not convert"):
        read_columns(tmp_path / "words.csv")
    (tmp_path / reference.file).write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(BadInput, match=f"{reference.file}: no column {', '.join(reference.columns)}"):
        list(table_cases([reference], tmp_path))


# The command


# Takes as long as xclim takes to be imported, where it is installed.
def test_the_command_says_what_it_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["danger", "conformance"]) == 0
    printed = capsys.readouterr().out
    assert [key for key in (index.key for index in INDICES) if f"ok   {key} " not in printed] == []
    assert ("not compared" in printed) is not conformance_xclim.installed()


@pytest.mark.skipif(not conformance_xclim.installed(), reason="xclim is not installed")
def test_like_agrees_with_xclim() -> None:
    cases = list(conformance_xclim.xclim_cases())
    assert {case.index for case in cases} >= {
        "fwi-vw1985",
        "dc-overwintered",
        "season-thaw",
        "kbdi-finkele",
        "drought-factor",
        "ffdi",
    }
    assert [case.index for case in cases if not compare(case).good] == []
    assert [case.index for case in cases if compare(case).differences[0].compared < 3000] == []
    # A column that never moves would agree with anything.
    assert [case.index for case in cases for theirs in case.theirs.values() if np.nanstd(theirs) == 0.0] == []


def test_an_xclim_that_cannot_be_loaded_is_told_after_the_tables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "xclim"]:
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "xclim").mkdir()
    (tmp_path / "xclim" / "__init__.py").write_text("import numba_of_another_numpy\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert main(["danger", "conformance"]) == 2
    told = capsys.readouterr()
    assert "ok   fosberg " in told.out
    assert "firewatch: xclim is installed but cannot be loaded: No module named 'numba_of_another_numpy'" in told.err
