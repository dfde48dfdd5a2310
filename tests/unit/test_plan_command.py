"""`firewatch plan`: a file in, a plan out; nothing else is said."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewatch.__main__ import main
from firewatch.dispatch.objectives import violations
from firewatch.dispatch.plan import parse_plan
from firewatch.dispatch.problem import parse_problem
from tests.unit.dispatch_cases import example

LISTS = ("incidents", "vehicles", "crews", "depots", "reserves")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(example()), encoding="utf-8")
    return path


def test_the_plan_as_json_reads_back_and_holds(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(file), "--json"]) == 0
    out, err = capfd.readouterr()  # of the whole process: the solver's own output would be here too
    plan = parse_plan(json.loads(out))
    assert (plan.status, plan.objectives.use, err) == ("optimal", 47, "")
    assert violations(parse_problem(example()), plan) == []
    assert 0 < plan.seconds < 10
    costs = {(each["resource"], each["incident"]): each for each in json.loads(out)["sending"]}
    assert set(costs) == {("E1", "F1"), ("E1", "F2")}
    assert costs["E1", "F1"]["reserve"] > 0


def test_chance_has_no_part_in_a_plan(tmp_path: Path) -> None:
    """Sets are walked in another order under another hash seed, and the lists may come in any order."""
    told = example()
    path, turned = tmp_path / "problem.json", tmp_path / "turned.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    turned.write_text(json.dumps({k: v[::-1] if k in LISTS else v for k, v in told.items()}), encoding="utf-8")
    plans = []
    for file, seed in ((path, "1"), (path, "2"), (turned, "3")):
        command = [sys.executable, "-m", "firewatch", "plan", str(file), "--json"]
        said = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        plans.append({**json.loads(said.stdout), "seconds": 0, "proof": None})
    assert plans[0] == plans[1] == plans[2]


def test_the_plan_in_words(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(file)]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[:4] == [
        "F1 (weight 1): first there at 33, all at 33 min",
        "    33.0 min  C1 > A1 > B > F1  10 people; 1 pump of B, 4 saw of B",
        "F2 (weight 1): first there at 14, all at 14 min",
        "    14.0 min  D1 > F2  6 people",
    ]
    assert out[4] == "shortage 0, reserve 0, use 47 min"
    assert out[5].startswith("optimal, in ")


def test_what_is_missing_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    problem = example()
    problem["vehicles"], problem["crews"] = [problem["vehicles"][1]], []
    path = tmp_path / "few.json"
    path.write_text(json.dumps(problem), encoding="utf-8")
    assert main(["plan", str(path), "--seconds", "0"]) == 0
    out = capfd.readouterr().out
    assert "F2 (weight 1): nobody goes" in out
    assert "short: 4 people" in out
    assert "reserve Z: 6 people missing" in out
    assert "feasible, the first figure not proven may fall by 100.0% at most" in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no JSON"),
        ("{}", "the document: format is missing"),
        (json.dumps(example() | {"vehicles": [{"id": "V"}]}), "vehicles[0]: agency is missing"),
    ],
)
def test_a_problem_that_is_none_is_refused_by_its_field(
    text: str, says: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["plan", "-"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err


def test_a_file_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capfd.readouterr().err


def test_a_limit_that_is_none(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(file), "--seconds", "-1"]) == 2
    assert "--seconds" in capfd.readouterr().err
