"""`firewatch resources import` and `export`, over a database of their own."""

import os
from pathlib import Path

import pytest

from firewatch.__main__ import main
from firewatch.db import Database
from firewatch.resources.models import Crew, ResourceChange
from firewatch.rulebook.read import Rulebook, default_folder
from tests.build import prepare, rows

CREWS = default_folder() / "crews.csv"


@pytest.fixture
def db(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path, rulebook: Rulebook) -> Database:
    for name in os.environ:
        if name.startswith("FIREWATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path))
    (tmp_path / "firewatch.db").write_bytes(sqlite_template.read_bytes())
    db = Database(f"sqlite:///{tmp_path / 'firewatch.db'}")
    prepare(db, rulebook)
    return db


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    file = tmp_path / "crews.csv"
    file.write_text(CREWS.read_text(encoding="utf-8").replace("professional,32", "professional,35"), encoding="utf-8")
    return file


def test_a_dry_run_tells_and_the_import_does(db: Database, changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = len(rows(db, Crew))
    assert main(["resources", "import", str(changed), "--dry-run"]) == 0
    told = f"crew kangle-pro: changed: people 32 → 35\n1 to be changed, of {lines} in the tables\n"
    assert capsys.readouterr().out == told
    assert rows(db, Crew, Crew.id == "kangle-pro")[0].people == 32
    assert main(["resources", "import", str(changed)]) == 0
    assert "1 changed" in capsys.readouterr().out
    assert rows(db, Crew, Crew.id == "kangle-pro")[0].people == 35
    assert [row.by for row in rows(db, ResourceChange)] == ["command-line"]


def test_what_is_wrong_is_listed_with_its_line(db: Database, changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed.write_text(changed.read_text(encoding="utf-8").replace("true", "perhaps"), encoding="utf-8")
    assert main(["resources", "import", str(changed)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("crews.csv line 2: may_attack: ")
    assert said[-1] == f"{len(said) - 1} problems: nothing was changed"
    assert rows(db, ResourceChange) == []


@pytest.mark.parametrize("call", [["pool.xlsx"], ["crews.csv", "--kind", "crews"]])
def test_what_is_exported_can_be_imported(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], call: list[str]
) -> None:
    file = str(tmp_path / call[0])
    assert main(["resources", "export", file, *call[1:]]) == 0
    assert f"{len(rows(db, Crew))} crews" in capsys.readouterr().out
    assert main(["resources", "import", file]) == 0
    assert capsys.readouterr().out.startswith("0 changed")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["export", "pool.csv"], "say --kind"),
        (["export", "pool.txt"], "needs to be .csv or .xlsx"),
        (["export", "nowhere/pool.xlsx"], "cannot be written"),
        (["export", "pool.xlsx", "--agency", "moon"], "there is no agency moon; there are: hezheng"),
        (["import", "nothing.csv"], "cannot be read"),
    ],
)
def test_a_call_that_cannot_be_is_told(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], call: list[str], said: str
) -> None:
    assert rows(db, Crew)
    assert main(["resources", call[0], str(tmp_path / call[1]), *call[2:]]) == 2
    assert said in capsys.readouterr().err
