"""A decision that was stored is solved again to the same plan, or told to differ."""

from dataclasses import replace
from pathlib import Path

import pytest

from firewatch import run
from firewatch.__main__ import main
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import finish
from firewatch.dispatch.again import solve_again
from firewatch.dispatch.models import JointPlan
from firewatch.dispatch.plan import Status
from firewatch.dispatch.solve import plan_jointly
from firewatch.errors import BadInput
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, plan_fire, prepare, report_fire, rows, set_rows
from tests.unit.dispatch_cases import example_problem


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> int:
    prepare(db, rulebook)
    number = incident_of(report_fire(db, clock, rulebook))
    plan_fire(db, clock, rulebook, number)
    monkeypatch.setattr(run, "named_database", lambda: db)
    return number


def test_a_stored_decision_comes_to_the_same_plan(fire: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--incident", str(fire)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"fire-{fire} (weight ")
    assert err.startswith("equal to joint plan 1 of 2026-04-01 04:00 UTC by greedy/1")


def test_one_that_was_tampered_with_is_told(db: Database, fire: int, capsys: pytest.CaptureFixture[str]) -> None:
    [joint] = rows(db, JointPlan)
    set_rows(db, JointPlan, [joint.id], solution={**joint.solution, "trips": joint.solution["trips"][1:]})
    assert main(["plan", "--incident", str(fire), "--json"]) == 1
    err = capsys.readouterr().err
    assert "by greedy/1 differs:" in err
    assert "is made now and was not" in err


def test_what_cannot_be_solved_again_says_why(
    db: Database, fire: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--incident", "99"]) == 2
    assert "there is no plan for an incident 99" in capsys.readouterr().err
    [joint] = rows(db, JointPlan)
    set_rows(db, JointPlan, [joint.id], solver="abacus/1")
    assert main(["plan", "--incident", str(fire)]) == 2
    assert "made by abacus/1; this version has greedy/1 and highs/1" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["plan", "--incident", str(fire), str(tmp_path)])


def test_a_proven_plan_is_compared_and_another_is_verified() -> None:
    problem = example_problem()
    best = plan_jointly(problem, lambda: 60.0)
    assert solve_again("highs/1", problem, best, lambda: 60.0).differences == []
    [first, second] = best.trips
    fewer = replace(best, trips=[first])
    assert solve_again("highs/1", problem, fewer, lambda: 60.0).differences == [f"{second.id}: is made now and was not"]
    unproven = replace(fewer, status=Status.FEASIBLE)
    assert any("shortage" in each for each in solve_again("highs/1", problem, unproven, lambda: 60.0).differences)
    assert solve_again("highs/1", problem, replace(best, status=Status.FEASIBLE), lambda: 60.0).differences == []
    more = replace(best, trips=[first, replace(second, arrives=15)], objectives=replace(best.objectives, use=1))
    assert solve_again("highs/1", problem, more, lambda: 60.0).differences == [
        f"{second.id}: loads or arrives otherwise",
        "objectives: others than stored",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "TIES", 0.0)  # no seconds to choose among equals
        one_of_several = plan_jointly(problem, lambda: 60.0)
    assert (best.proof["ties"], one_of_several.proof["ties"]) == ("settled", "open")
    assert solve_again("highs/1", problem, one_of_several, lambda: 60.0).differences == []
    worse = replace(one_of_several, objectives=replace(best.objectives, use=48))
    assert "objectives: others than stored" in solve_again("highs/1", problem, worse, lambda: 60.0).differences
    with pytest.raises(BadInput, match="made by"):
        solve_again("nobody", problem, best, lambda: 60.0)
