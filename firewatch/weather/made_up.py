"""A made-up but plausible year in the dry mountains of north-west China, for demonstrations.

Every hour is computed by itself from (seed, point, hour): the same hour comes out the same whatever window was
asked for, and nothing is stored. The ingredients are a seasonal and a daily cycle, cooling with height, weather
that comes in waves of days (shared by all points, with a part of their own), and single hours drawn at random.
Winter and spring are dry, spring afternoons windy, rain comes mostly in summer. The figures are invented after the
climate's general character; they are nobody's observations.

Noise is value noise: numbers drawn by hashing (seed, stream, node), smoothly joined between nodes.
"""

import math
import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARED = 0.8
"""Share of the weather's waves that all points have in common, as a correlation."""
SNOW_MEMORY_HOURS = 20 * 24
"""A snowfall has melted or blown away after so many hours."""


class Place(Protocol):
    """What the season needs to know of a point."""

    @property
    def id(self) -> str:
        """Name: it makes the point's own part of the weather."""
        ...

    @property
    def lon(self) -> float:
        """Degrees east: sets the hour of the sun."""
        ...

    @property
    def elevation_m(self) -> float:
        """Height above the sea."""
        ...


@dataclass(frozen=True)
class Hours:
    """Consecutive hours at one place; every array has the shape (hours,), rain is that of the hour before."""

    temp_c: Floats
    rh_pct: Floats
    wind_kmh: Floats
    gust_kmh: Floats
    wind_dir_deg: Floats
    rain_mm: Floats
    snow_depth_cm: Floats


def season(place: Place, first_hour: int, count: int, seed: int) -> Hours:
    """Return `count` hours; hour h ends h hours after 1970-01-01T00:00Z."""
    # Snow on the ground needs the snowfalls of the days before.
    hour = np.arange(first_hour - SNOW_MEMORY_HOURS, first_hour + count, dtype=np.int64)
    sky = _Sky(place, seed, hour)
    temp_c, rain_mm = sky.temperature(), sky.rain()
    wind_kmh = sky.wind()
    gust_kmh = wind_kmh * (1.45 + 0.35 * sky.drawn("gust"))
    everything = {
        "temp_c": temp_c.round(1),
        "rh_pct": sky.humidity(temp_c, rain_mm).round(),
        "wind_kmh": wind_kmh.round(1),
        "gust_kmh": gust_kmh.round(1),
        "wind_dir_deg": (300.0 + 80.0 * sky.waves("direction", 31.0)).round() % 360.0,
        "rain_mm": rain_mm.round(1),
        "snow_depth_cm": _snow_depth(temp_c, rain_mm).round(1),
    }
    return Hours(**{name: values[SNOW_MEMORY_HOURS:] for name, values in everything.items()})


def forecast_error(place: Place, first_hour: int, count: int, issued_hour: int, seed: int) -> Floats:
    """Return by how much a forecast issued at that hour errs in the temperature (°C), more with the lead."""
    hour = np.arange(first_hour, first_hour + count, dtype=np.int64)
    lead_days = np.maximum(hour - issued_hour, 0) / 24.0
    stream = _stream(seed, f"{place.id} forecast {issued_hour}")
    error: Floats = (0.8 * np.sqrt(lead_days) * _smooth(stream, hour, 18.0)).round(1)
    return error


class _Sky:
    """The weather's ingredients over an array of hours at one place."""

    def __init__(self, place: Place, seed: int, hour: NDArray[np.int64]) -> None:
        self._place, self._seed, self._hour = place, seed, hour
        # 15 January is the coldest day: cold = 1 there, −1 in mid July.
        self.cold = np.cos(2 * math.pi * (hour / 24.0 - 14.5) / 365.2425)
        # Spring is its peak in early April, a quarter of a year after the cold.
        self.spring = np.clip(np.cos(2 * math.pi * (hour / 24.0 - 95.0) / 365.2425), 0.0, 1.0)
        solar = (hour + place.lon / 15.0) % 24.0
        # The warmest hour is 15:00 by the sun; nights are long and flat.
        day = np.cos(2 * math.pi * (solar - 15.0) / 24.0)
        self.day = day + 0.15 * np.cos(4 * math.pi * (solar - 15.0) / 24.0)
        self.afternoon = np.clip(day, 0.0, 1.0) ** 2
        # One wave of wet and dry spells drives cloud, humidity and rain together.
        self.wet = 0.8 * self.waves("wet", 60.0) + 0.6 * self.waves("spell", 260.0)

    def waves(self, name: str, nodes_hours: float) -> Floats:
        """Smooth weather of about unit variance: mostly shared, partly the place's own."""
        shared = _smooth(_stream(self._seed, name), self._hour, nodes_hours)
        own = _smooth(_stream(self._seed, f"{name} {self._place.id}"), self._hour, nodes_hours)
        return SHARED * shared + math.sqrt(1 - SHARED**2) * own

    def drawn(self, name: str) -> Floats:
        """Return a number in [0, 1) for every hour by itself, the place's own."""
        return _uniform(_stream(self._seed, f"{name} {self._place.id}"), self._hour)

    def temperature(self) -> Floats:
        """°C: 7 at 1,900 m in the year's mean, 6 less for each kilometre higher; clear days swing more."""
        mean = 7.0 - 12.5 * self.cold - 6.0 * (self._place.elevation_m - 1900.0) / 1000.0
        swing = 6.2 + 0.8 * self.cold - 1.4 * np.clip(self.wet, -1.0, 2.0)
        temp_c: Floats = mean + swing * self.day + (2.6 + 0.6 * self.cold) * self.waves("temperature", 75.0)
        return temp_c

    def humidity(self, temp_c: Floats, rain_mm: Floats) -> Floats:
        """Relative humidity (%) from a dew point that follows season and spells; near saturation while it rains."""
        height = (self._place.elevation_m - 1900.0) / 1000.0
        dew_point_c = -4.0 - 13.0 * self.cold - 3.5 * self.spring - 3.0 * height + 3.5 * self.wet
        exponent = 17.625 * (dew_point_c / (243.04 + dew_point_c) - temp_c / (243.04 + temp_c))
        dry: Floats = np.clip(100.0 * np.exp(exponent), 5.0, 98.0)
        return np.where(rain_mm > 0, np.maximum(dry, 82.0 + 15.0 * self.drawn("drizzle")), dry)

    def rain(self) -> Floats:
        """Amount of each hour (mm): showers inside wet spells, rare and thin in winter."""
        threshold = 0.75 + 0.85 * self.cold + 0.25 * self.spring
        excess = np.clip(self.wet - threshold, 0.0, None)
        falls = self.drawn("shower") < np.clip(0.30 * excess, 0.0, 0.5)
        amount = -np.log1p(-self.drawn("amount")) * (0.7 - 0.45 * self.cold) * (0.3 + 0.7 * excess)
        return np.where(falls, np.maximum(amount, 0.1), 0.0)

    def wind(self) -> Floats:
        """Mean wind (km/h) at 10 m: a breeze by day, strong in spring, stronger as fronts pass."""
        front = np.clip(self.waves("front", 40.0), 0.0, None)
        calm = 5.0 + 2.0 * self.drawn("breeze")
        wind_kmh: Floats = calm + (5.0 + 9.0 * self.spring) * self.afternoon + (4.0 + 4.0 * self.afternoon) * front
        return wind_kmh


def _snow_depth(temp_c: Floats, rain_mm: Floats) -> Floats:
    """Depth (cm) of what fell below 0.5 °C in the last days, one centimetre for a millimetre, fading away."""
    # In whole numbers, whose sum does not depend on where the window begins.
    fresh = np.where(temp_c < 0.5, np.rint(rain_mm * 10), 0).astype(np.int64)
    age = np.arange(SNOW_MEMORY_HOURS + 1) / SNOW_MEMORY_HOURS
    left = np.rint(1000 * (1.0 - age) ** 3).astype(np.int64)
    depth: Floats = np.convolve(fresh, left)[: fresh.size] / 10_000.0
    return depth


def _stream(seed: int, name: str) -> np.uint64:
    return np.uint64(zlib.crc32(name.encode()) << 32 | (seed & 0xFFFFFFFF))


def _uniform(stream: np.uint64, node: NDArray[np.int64]) -> Floats:
    """Hash nodes to [0, 1): the finaliser of SplitMix64 (Steele, Lea & Flood 2014), twice."""
    # An array of one, because numpy warns of the overflow that a hash is made of only for single numbers.
    word = node.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + _mix(np.array([stream]))
    return (_mix(word) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def _smooth(stream: np.uint64, hour: NDArray[np.int64], nodes_hours: float) -> Floats:
    """Join random nodes that lie `nodes_hours` apart; about unit variance, within ±2.2."""
    place = hour / nodes_hours
    node = np.floor(place).astype(np.int64)
    part = place - node
    weight = part * part * (3.0 - 2.0 * part)
    before, after = _uniform(stream, node), _uniform(stream, node + 1)
    # A uniform number has variance 1/12, the join of two about 3/4 of that.
    return ((1.0 - weight) * before + weight * after - 0.5) * 4.0
