"""Light and shade on the land: a hillshade out of heights. Pure."""

from math import cos, radians, sin
from typing import Final

import numpy as np

from firewatch.roads.graph import Floats

SHADES: Final = 15
FROM_DEG: Final = (315.0, 255.0, 15.0)
WEIGHTS: Final = (0.6, 0.2, 0.2)
"""The light comes from the north-west, as on printed maps; two weaker lamps keep ridges along it to be seen."""
ALTITUDE_DEG: Final = 45.0
DARKEST: Final = 3.0
"""Of the shades, the least that is drawn: print keeps what is written on it."""


def hillshade(heights: Floats, metres_across: float, metres_down: float) -> Floats:
    """Return shades of 1 (black) to 15 (white) from heights on a grid, row 0 in the north; 0 where none is known."""
    down, east = np.gradient(heights, metres_down, metres_across)
    steep = np.sqrt(1 + east**2 + down**2)
    high, low = sin(radians(ALTITUDE_DEG)), cos(radians(ALTITUDE_DEG))
    light = np.zeros_like(heights)
    for azimuth, weight in zip(map(radians, FROM_DEG), WEIGHTS, strict=True):
        facing = (high - low * (east * sin(azimuth) - down * cos(azimuth))) / steep
        light += weight * np.clip(facing, 0, 1)
    bright = light / high  # 1 on flat land
    # Flat land is nearly white: what is written on it, and the zones' colours above it, are to be read.
    shade = DARKEST + (SHADES - 1 - DARKEST) * np.minimum(bright, 1.0) + np.clip(bright - 1, 0, 0.4) / 0.4
    return np.where(np.isnan(shade + heights), 0.0, np.clip(np.rint(shade), 1, SHADES))
