"""Declared units become ours, or the value is refused; humidity from the dew point.

Ours: °C, %, km/h, degrees, mm, cm. A source that changes its unit without a word must not change the weather.
"""

import math
from dataclasses import dataclass

from firewatch.errors import BadInput

MAGNUS_A = 17.625  # Alduchov & Eskridge 1996, eq. 21
MAGNUS_B_C = 243.04


@dataclass(frozen=True)
class Linear:
    """Our unit = value × scale + offset."""

    scale: float = 1.0
    offset: float = 0.0

    def __call__(self, value: float) -> float:
        """Return the value in our unit."""
        return value * self.scale + self.offset


SAME = Linear()

# Factors are exact by definition: the international foot, mile, nautical mile and inch.
TEMPERATURE = {"°C": SAME, "celsius": SAME, "°F": Linear(5 / 9, -160 / 9), "K": Linear(1.0, -273.15)}
SPEED = {"km/h": SAME, "m/s": Linear(3.6), "mp/h": Linear(1.609344), "mph": Linear(1.609344), "kn": Linear(1.852)}

KNOWN: dict[str, dict[str, Linear]] = {
    "temp_c": TEMPERATURE,
    "dew_point_c": TEMPERATURE,
    "rh_pct": {"%": SAME},
    "wind_kmh": SPEED,
    "gust_kmh": SPEED,
    "wind_dir_deg": {"°": SAME, "degrees": SAME},
    "rain_mm": {"mm": SAME, "inch": Linear(25.4)},
    "snow_depth_cm": {"cm": SAME, "m": Linear(100.0), "mm": Linear(0.1), "ft": Linear(30.48), "inch": Linear(2.54)},
}


def conversion(quantity: str, unit: str) -> Linear:
    """Return how a value of that declared unit becomes ours; BadInput for a unit nobody taught us."""
    try:
        return KNOWN[quantity][unit]
    except KeyError:
        raise BadInput(f"{quantity} in {unit!r}: not a known unit") from None


def rh_from_dew_point(temp_c: float, dew_point_c: float) -> float | None:
    """Return the relative humidity (%) by Magnus, or None outside −100…100 °C, where the formula says nothing.

    A dew point a little above the temperature gives a little over 100: clamping is the business of the indices.
    """
    if not (-100 <= temp_c <= 100 and -100 <= dew_point_c <= 100):
        return None
    at_dew_point = MAGNUS_A * dew_point_c / (MAGNUS_B_C + dew_point_c)
    at_temperature = MAGNUS_A * temp_c / (MAGNUS_B_C + temp_c)
    return 100.0 * math.exp(at_dew_point - at_temperature)
