"""From an index to a danger grade, and from the points of a zone to the zone's. Pure.

Grades run from 1 (low) to 5 (extreme); NO_DATA (0) is neither. A grade is never told without its scheme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from firewatch.errors import BadInput
from firewatch.indices import lyt1172
from firewatch.indices.checks import Bits, Flag, Floats
from firewatch.indices.lyt1172 import Grades

NO_DATA = lyt1172.NO_DATA

# A day with one of these has values for the codes to go on with, but no reading that would carry a grade.
UNGRADED = Flag.BRIDGED | Flag.NO_VALUE


@dataclass(frozen=True)
class FwiThresholds:
    """The FWI at which grades 2, 3, 4 and 5 begin, and whether that was found from the zone's own weather."""

    begins: tuple[float, float, float, float] = (5.2, 11.2, 21.3, 38.0)
    calibrated: bool = False
    note: str = "not calibrated here"

    def __post_init__(self) -> None:
        if not all(low < high for low, high in pairwise((0.0, *self.begins))):
            raise BadInput(f"FWI thresholds: {self.begins} do not rise from above 0")


# The classes of the European Forest Fire Information System; they serve until local percentiles have been computed.
NOT_CALIBRATED = FwiThresholds()


def fwi_grades(fwi: Floats, flags: Bits, thresholds: FwiThresholds = NOT_CALIBRATED) -> Grades:
    """Answer the grade of each FWI (arrays of one shape): NO_DATA where it is NaN, or the day was bridged."""
    unknown = np.isnan(fwi) | (flags & int(UNGRADED) != 0)
    steps = np.searchsorted(thresholds.begins, fwi, side="right") + 1
    return np.where(unknown, NO_DATA, steps).astype(np.uint8)


@dataclass(frozen=True)
class CombinedGrade:
    """A zone's grade: the worst of its points, the mean beside it, and how many of its points stand behind that."""

    grade: int  # 1–5, or NO_DATA when no point has one
    mean_grade: float | None  # of the points with data
    worst_point: int | None  # the first point with the worst grade
    points: int
    points_with_data: int


def zone_grade(grades: Sequence[int]) -> CombinedGrade:
    """Answer the grade of a zone from those of its points (NO_DATA … 5); a point without data does not count as low.

    BadInput when there is no point, or a grade is none.
    """
    if not grades or not all(NO_DATA <= grade <= 5 for grade in grades):
        raise BadInput(f"grades of a zone: {list(grades)} are not one or more of 0 to 5")
    known = [grade for grade in grades if grade != NO_DATA]
    if not known:
        return CombinedGrade(NO_DATA, None, None, len(grades), 0)
    worst = max(known)
    return CombinedGrade(worst, sum(known) / len(known), grades.index(worst), len(grades), len(known))
