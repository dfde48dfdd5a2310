"""warnings.toml: what is refused, and what stands when there is no such file."""

from pathlib import Path

import pytest

from firewatch.errors import BadInput
from firewatch.rulebook.read import default_folder, read_rulebook
from firewatch.rulebook.warnings import Warnings
from firewatch.warnings.evidence import rules_of
from firewatch.warnings.signals import Signal, Trigger
from tests.story.service import config_with


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yellow_from_grade = 5", "must not fall"),
        ("blue_from_grade = 1", "blue_from_grade"),
        ('approve = "standing"', "standing_colours"),
        ('standing_colours = ["blue"]', "standing_colours"),
        ('approve = "standing"\nstanding_colours = ["green"]', "standing_colours"),
        ('signatures_zh = ["应急管理局"]', "as many bodies"),
        ("red_day = 2", "red_day"),
    ],
)
def test_a_slip_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    folder = config_with(default_folder(), tmp_path / "config", warnings_toml=text)
    with pytest.raises(BadInput, match=reason) as refused:
        read_rulebook(folder)
    assert "warnings.toml" in str(refused.value)


def test_without_the_file_every_default_stands(tmp_path: Path) -> None:
    folder = config_with(default_folder(), tmp_path / "config")
    (folder / "warnings.toml").unlink()
    assert read_rulebook(folder).warnings == Warnings() == read_rulebook(default_folder()).warnings


def test_the_table_becomes_the_rule() -> None:
    rules = rules_of(Warnings(yellow_days=3, lower_after_days=2, use_forecast_days=1))
    assert rules.triggers[Signal.YELLOW] == Trigger(3, 3)
    assert rules.triggers[Signal.RED] == Trigger(5, 1)
    assert (rules.history_days, rules.forecast_days) == (5, 1)
