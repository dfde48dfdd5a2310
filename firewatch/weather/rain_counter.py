"""Rain counters that run on: amounts are differences of neighbouring hours, and a reset is not negative rain. Pure.

An amount needs the hour before: what fell over several hours cannot be put into one of them. After a reset the counter
tells what has fallen since; what fell in the same hour before it is lost, and nobody can tell that it was nothing much.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
JITTER_MM = 0.2
"""A counter may step back so far by itself: the tipping of a bucket, a digit rounded."""
MOST_AFTER_RESET_MM = 50.0
"""A counter that fell but still shows more was not reset: it is broken."""


def amount(before_mm: float, total_mm: float) -> float | None:
    """Return the rain of an hour from the counter at its beginning and end; None when they do not fit together."""
    step_mm = round(total_mm - before_mm, 3)
    if step_mm >= 0:
        return step_mm
    if step_mm >= -JITTER_MM:
        return 0.0
    reset = total_mm <= before_mm / 2 and total_mm <= MOST_AFTER_RESET_MM
    return total_mm if reset and total_mm >= 0 else None


def amounts(totals: Mapping[datetime, float]) -> dict[datetime, float]:
    """Return the rain of every hour, by its end, of which both totals are known and fit together."""
    found = {at: amount(totals[at - HOUR], total_mm) for at, total_mm in totals.items() if at - HOUR in totals}
    return {at: rain_mm for at, rain_mm in found.items() if rain_mm is not None}
