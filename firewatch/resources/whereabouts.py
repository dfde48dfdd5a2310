"""Where a crew or a vehicle is taken to be: where it was seen, as long as that is believed, else at home. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from firewatch.geo import great_circle_km

Place = tuple[float, float]
"""Latitude, longitude."""


class Basis(StrEnum):
    """Why it is taken to be there."""

    NO_FIX = "no_fix"
    """Nobody has said where it is: at home."""
    AT_HOME = "at_home"
    """It was seen so near its home just now that it is there."""
    FRESH = "fresh"
    """It was seen there just now."""
    OLD = "old"
    """It was seen too long ago: it is at home again, as far as anybody knows."""
    LAST_KNOWN = "last_known"
    """It was seen there long ago, but it is at work: wherever it is, not at home."""


@dataclass(frozen=True)
class Fix:
    """A position and when it was taken."""

    place: Place
    at: datetime


@dataclass(frozen=True)
class Belief:
    """For how long a fix is believed, and how far from a place (km) one still counts as being there."""

    lasts: timedelta
    margin_km: float


@dataclass(frozen=True)
class Whereabouts:
    """A place, and why it is that one."""

    place: Place
    basis: Basis


def whereabouts(home: Place, fix: Fix | None, now: datetime, belief: Belief, *, at_work: bool) -> Whereabouts:
    """Return where somebody is; a fix is believed up to the very end of its time."""
    if fix is None:
        return Whereabouts(home, Basis.NO_FIX)
    if now - fix.at <= belief.lasts:
        if are_apart(home, fix.place, belief.margin_km):
            return Whereabouts(fix.place, Basis.FRESH)
        return Whereabouts(home, Basis.AT_HOME)
    return Whereabouts(fix.place, Basis.LAST_KNOWN) if at_work else Whereabouts(home, Basis.OLD)


def are_apart(one: Place, other: Place, margin_km: float) -> bool:
    """Return whether two places lie further apart than a margin."""
    return great_circle_km(*one, *other) > margin_km
