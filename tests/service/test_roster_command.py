"""`firewatch roster import` and `export`, over a database of their own."""

from pathlib import Path

import pytest

from firewatch.__main__ import main
from firewatch.agencies.models import DatedShift, RosterChange
from firewatch.db import Database
from tests.build import rows
from tests.service.test_resources_command import db

__all__ = ["db"]

TEXT = "contact,from,to\nkangle-deputy,2026-04-09 20:00,2026-04-10 08:00\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "kangle.csv"
    file.write_text(TEXT, encoding="utf-8")
    return file


def bring_in(file: Path, *more: str) -> int:
    return main(["roster", "import", str(file), "--agency", "kangle", *more])


def test_a_dry_run_tells_and_the_import_does(db: Database, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring_in(file, "--dry-run") == 0
    line = "+ kangle-deputy 2026-04-09 20:00 – 2026-04-10 08:00\n"
    days = "shifts that begin from 2026-04-09 to 2026-04-09: "
    assert capsys.readouterr().out == f"{line}{days}1 to be changed; 0 the same\n"
    assert rows(db, DatedShift) == []
    assert bring_in(file) == 0
    assert capsys.readouterr().out == f"{line}{days}1 changed; 0 the same\n"
    assert len(rows(db, DatedShift)) == 1
    assert [(row.what, row.by) for row in rows(db, RosterChange)] == [("imported", "command-line")]
    file.write_text(TEXT.replace("10 08:00", "10 06:00"), encoding="utf-8")
    assert bring_in(file, "--first", "2026-04-01", "--last", "2026-04-30") == 0
    assert capsys.readouterr().out.startswith(
        "- kangle-deputy 2026-04-09 20:00 – 2026-04-10 08:00; + kangle-deputy 2026-04-09 20:00 – 2026-04-10 06:00\n"
    )
    assert bring_in(file, "--first", "2026-05-01", "--last", "2026-05-31") == 0
    assert "0 changed; 0 the same; 1 left out, of other days" in capsys.readouterr().out


def test_what_is_wrong_is_listed_with_its_line(db: Database, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{TEXT}kangle-nobody,soon,2026-04-10 08:00\n", encoding="utf-8")
    assert bring_in(file) == 2
    said = capsys.readouterr().err.splitlines()
    assert [each.partition(": ")[0] for each in said[:2]] == ["kangle.csv line 3"] * 2
    assert said[2:] == ["2 problems: nothing was changed"]
    assert rows(db, RosterChange) == []


@pytest.mark.parametrize("name", ["out.csv", "out.ics"])
def test_what_is_exported_can_be_imported(
    db: Database, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert bring_in(file) == 0
    out = tmp_path / name
    assert main(["roster", "export", str(out), "--agency", "kangle"]) == 0
    assert f"{out}: 1 shifts of kangle" in capsys.readouterr().out
    assert "副联络员乙" in out.read_text(encoding="utf-8")
    assert bring_in(out) == 0
    assert "0 changed; 1 the same" in capsys.readouterr().out
    assert len(rows(db, RosterChange)) == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["export", "r.txt", "--agency", "kangle"], "r.txt: needs to be .csv or .ics"),
        (["export", "nowhere/r.csv", "--agency", "kangle"], "cannot be written"),
        (["export", "r.csv", "--agency", "moon"], "there is no agency moon; there are: hezheng"),
        (["import", "nothing.csv", "--agency", "kangle"], "cannot be read"),
        (["import", "kangle.csv", "--agency", "moon"], "there is no agency moon"),
    ],
)
def test_a_call_that_cannot_be_is_told(
    db: Database, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], call: list[str], said: str
) -> None:
    assert file.exists()
    assert main(["roster", call[0], str(tmp_path / call[1]), *call[2:]]) == 2
    assert said in capsys.readouterr().err
    assert rows(db, DatedShift) == []
