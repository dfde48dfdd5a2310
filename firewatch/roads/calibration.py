"""Speeds corrected by arrivals: how much slower than by the config each class of road is driven.

Every arrival gives one ratio: the minutes the drive took over those it should have taken. The overall slowness is their
mean with one arrival at 1 put in, so that a single odd report changes little; each class departs from it as far as the
drives that used it say so (ridge regression of the ratios on the shares of the classes).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firewatch.roads.graph import Floats
from firewatch.roads.ways import CLASSES

FASTEST, SLOWEST = 1 / 3, 3.0
"""A ratio beyond these is no drive: somebody pressed late, or drove by another road."""
WEIGHT = 1.0
"""Of what is held to be true beforehand, in arrivals."""


@dataclass(frozen=True)
class Drive:
    """Minutes on each class of road at the configured speeds, and those to the first road and on foot at the end."""

    by_class: Mapping[str, float]
    off_road: float


@dataclass(frozen=True)
class Arrival:
    """A drive that was made; `took` are its minutes on the roads."""

    by_class: Mapping[str, float]
    took: float

    @property
    def planned(self) -> float:
        """The minutes by the configured speeds."""
        return sum(self.by_class.values())

    @property
    def is_drive(self) -> bool:
        """Whether it can be believed."""
        return self.planned > 0 and FASTEST <= self.took / self.planned <= SLOWEST


@dataclass(frozen=True)
class Correction:
    """By how much more time each class takes than by the config; 1 is none. `arrivals` are those that count."""

    slowness: Mapping[str, float]
    arrivals: int = 0

    def minutes(self, by_class: Mapping[str, float]) -> float:
        """Return the corrected minutes of a drive."""
        return sum(minutes * self.slowness[name] for name, minutes in by_class.items())


NO_CORRECTION = Correction(dict.fromkeys(CLASSES, 1.0))


def correction(arrivals: Sequence[Arrival]) -> Correction:
    """Return what some arrivals say of the speeds."""
    believed = [each for each in arrivals if each.is_drive]
    if not believed:
        return NO_CORRECTION
    shares = np.array([[each.by_class.get(name, 0.0) / each.planned for name in CLASSES] for each in believed])
    ratios: Floats = np.array([each.took / each.planned for each in believed])
    overall = (WEIGHT + ratios.sum()) / (WEIGHT + len(ratios))
    pull = WEIGHT * np.eye(len(CLASSES))
    found = np.linalg.solve(shares.T @ shares + pull, shares.T @ ratios + WEIGHT * overall)
    slowness = np.clip(found, FASTEST, SLOWEST)
    return Correction(dict(zip(CLASSES, slowness.tolist(), strict=True)), len(believed))


def bias(arrivals: Sequence[Arrival], corrected: Correction = NO_CORRECTION) -> float | None:
    """Return how much longer believed drives took than told, as a share of what was told; None without any."""
    believed = [each for each in arrivals if each.is_drive]
    told = sum(corrected.minutes(each.by_class) for each in believed)
    return sum(each.took for each in believed) / told - 1 if told else None
