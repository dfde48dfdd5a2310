"""The last leg to a fire: how long people walk to it from points around."""

from dataclasses import dataclass
from math import cos, radians

import numpy as np

from firewatch.roads.graph import Floats, metres_between
from firewatch.roads.raster import between_cells
from firewatch.roads.terrain import Terrain
from firewatch.roads.walk import flat_minutes, minutes_to_middle

FINEST_M = 30.0
"""Steps of the grid over which the way is looked for: those of the finest tiles, at least."""
STEPS = 50
"""From its middle to its edge, at most: the way is then found within some 10 ms."""
ROOM = 1.25
"""So much farther than the points the grid reaches, for a way that swings out."""
METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True)
class WalkIn:
    """What a walk depends on."""

    terrain: Terrain
    off_path_factor: float

    def minutes(self, fire: tuple[float, float], lat: Floats, lon: Floats) -> tuple[Floats, bool]:
        """Return the minutes from each point to a fire, and whether the terrain was known.

        Without heights the land is taken for flat, and the way is straight.
        """
        metres = metres_between(lat, lon, *fire)
        reach = ROOM * max(float(metres.max(initial=0.0)), FINEST_M)
        side = min(STEPS, int(np.ceil(reach / FINEST_M)))
        spacing = reach / side
        east_per_degree = METRES_A_DEGREE * cos(radians(fire[0]))
        steps = np.arange(-side, side + 1) * spacing
        rows, cols = np.meshgrid(fire[0] - steps / METRES_A_DEGREE, fire[1] + steps / east_per_degree, indexing="ij")
        heights = self.terrain.heights(rows, cols)
        if heights is None:
            return flat_minutes(metres, self.off_path_factor), False
        field = minutes_to_middle(heights, spacing, self.off_path_factor)
        east, north = (lon - fire[1]) * east_per_degree, (lat - fire[0]) * METRES_A_DEGREE
        return between_cells(field, spacing, east, north), True
