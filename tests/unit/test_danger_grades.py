"""From FWI to a grade, and from points to a zone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.danger.grades import NO_DATA, NOT_CALIBRATED, CombinedGrade, FwiThresholds, fwi_grades, zone_grade
from firewatch.errors import BadInput
from firewatch.indices.checks import Flag


def test_a_grade_begins_at_its_threshold() -> None:
    fwi = np.array([0.0, 5.19, 5.2, 11.19, 11.2, 21.29, 21.3, 37.99, 38.0, 200.0])
    assert fwi_grades(fwi, np.zeros(10, np.uint32)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert not NOT_CALIBRATED.calibrated
    assert NOT_CALIBRATED.note == "not calibrated here"


def test_a_missing_or_bridged_day_has_no_grade_whatever_its_value() -> None:
    fwi = np.array([math.nan, 50.0, 50.0, 50.0, 50.0])
    flags = np.array([Flag.NO_VALUE, Flag.BRIDGED | Flag.RAIN_MISSING, Flag.SPIN_UP, Flag.RH_CLAMPED, 0], np.uint32)
    assert fwi_grades(fwi, flags).tolist() == [NO_DATA, NO_DATA, 5, 5, 5]
    assert fwi_grades(fwi, np.zeros(5, np.uint32)).tolist() == [NO_DATA, 5, 5, 5, 5]


def test_local_thresholds_replace_the_usual_ones() -> None:
    local = FwiThresholds((1.0, 2.0, 3.0, 4.0), calibrated=True, note="percentiles of ten years")
    assert fwi_grades(np.array([2.5]), np.zeros(1, np.uint32), local).tolist() == [3]


@pytest.mark.parametrize("begins", [(5.0, 5.0, 6.0, 7.0), (0.0, 1.0, 2.0, 3.0), (1.0, 2.0, 3.0, math.nan)])
def test_thresholds_rise(begins: tuple[float, float, float, float]) -> None:
    with pytest.raises(BadInput, match="do not rise from above 0"):
        FwiThresholds(begins)


def test_a_zone_takes_the_worst_of_its_points_and_shows_the_mean_beside_it() -> None:
    assert zone_grade([2, NO_DATA, 4, 4, 2]) == CombinedGrade(4, 3.0, worst_point=2, points=5, points_with_data=4)


def test_a_zone_without_data_is_not_a_zone_without_danger() -> None:
    assert zone_grade([NO_DATA, NO_DATA]) == CombinedGrade(NO_DATA, None, None, 2, 0)


@given(st.lists(st.integers(0, 5), min_size=1))
def test_a_point_more_never_lowers_a_zone(grades: list[int]) -> None:
    zone = zone_grade(grades)
    assert zone.grade == max(grades)
    assert zone_grade([*grades, 1]).grade >= zone.grade


@pytest.mark.parametrize("grades", [[], [6], [-1, 2]])
def test_grades_that_are_none_are_refused(grades: list[int]) -> None:
    with pytest.raises(BadInput, match="grades of a zone"):
        zone_grade(grades)
