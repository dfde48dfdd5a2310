"""Values between the cells of a grid; row 0 lies in the north."""

import numpy as np

from firewatch.roads.graph import Floats


def between_cells(field: Floats, spacing_m: float, east_m: Floats, north_m: Floats) -> Floats:
    """Return the values of a grid at points given in metres from its middle."""
    half = field.shape[0] // 2
    row = np.clip(half - north_m / spacing_m, 0, 2 * half)
    col = np.clip(half + east_m / spacing_m, 0, 2 * half)
    return bilinear(field, row, col)


def bilinear(values: Floats, row: Floats, col: Floats) -> Floats:
    """Return the values of a grid at broken rows and columns, which lie within it."""
    top = np.minimum(row.astype(np.int64), values.shape[0] - 2)
    left = np.minimum(col.astype(np.int64), values.shape[1] - 2)
    south, east = row - top, col - left
    above = values[top, left] * (1 - east) + values[top, left + 1] * east
    below = values[top + 1, left] * (1 - east) + values[top + 1, left + 1] * east
    return np.asarray(above * (1 - south) + below * south)
