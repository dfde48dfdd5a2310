"""Travel minutes estimated from coordinates alone, with no road network (dispatch.md §8).

minutes = great-circle km × detour factor ÷ speed. The problem format has one `minutes` table for all vehicles, so one
speed fills it: that of the common vehicle class in the config; slower classes are not told apart here. Every plan made
from it says "estimated, no road network".
"""

from collections.abc import Mapping
from math import ceil

from firewatch.errors import BadInput
from firewatch.geo import great_circle_km

STEPS = 10
"""To the minute: six seconds are far finer than the estimate, and coarse enough that every machine stores one table."""

NOISE = 1e-6
"""So much above a tenth of a minute is that tenth: two machines may differ in the last bits."""

Matrix = dict[str, dict[str, float]]
"""`minutes[from][to]`."""


def estimate_minutes(km: float, *, detour_factor: float, speed_kmh: float) -> float:
    """Answer the travel minutes of a great-circle distance; the factor is at least 1, the speed above 0."""
    if not detour_factor >= 1:
        raise BadInput(f"detour_factor: a road is not shorter than the straight line, got {detour_factor}")
    if not speed_kmh > 0:
        raise BadInput(f"speed_kmh: must be above 0, got {speed_kmh}")
    # Up, never down: it is the cautious side, and rounded so no detour comes out faster than the direct way.
    tenths = 60 * km * detour_factor / speed_kmh * STEPS
    return ceil(tenths - NOISE) / STEPS


def estimate_matrix(places: Mapping[str, tuple[float, float]], *, detour_factor: float, speed_kmh: float) -> Matrix:
    """Answer the minutes between all places (`id → (lat, lon)`), symmetric, in the order of the ids.

    A place has no entry to itself: that is 0 by the format. A lone place still gets its (empty) row, so that
    it is a node of the table.
    """
    ids = sorted(places)
    matrix: Matrix = {a: {} for a in ids}
    for i, a in enumerate(ids):
        for b in ids[i + 1 :]:
            km = great_circle_km(*places[a], *places[b])
            matrix[a][b] = matrix[b][a] = estimate_minutes(km, detour_factor=detour_factor, speed_kmh=speed_kmh)
    return matrix
