"""What the indices ask of one value of weather, and the marks they leave on a day. Pure numpy.

A value outside its range is an error of an instrument or of a unit, and is treated as missing (NaN). Each variable is
judged on its own: a bad wind does not take the good temperature beside it along.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firewatch.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint32]


class Flag(enum.IntFlag):
    """Marks on one day of one cell, stored as a bit field; the order here is the order in which they are printed."""

    TEMP_MISSING = 1
    RH_MISSING = 2
    WIND_MISSING = 4
    RAIN_MISSING = 8
    COVER_MISSING = 16  # green or snow cover of LY/T 1172
    OUT_OF_RANGE = 32  # one of the missing variables was there, but beyond its range
    RH_CLAMPED = 64  # humidity above 100 up to 105 % taken as 100
    BRIDGED = 128  # a variable was missing; the codes went on with the last valid value (rain: 0)
    NO_VALUE = 256  # the day has no result: nothing to bridge from, or the gap has grown too long
    GAP_BEFORE = 512  # a file has no row for the calendar days just before (set where files are read)
    RESTARTED = 1024  # first day of a chain begun anew from the start values, after too long a gap
    SPIN_UP = 2048  # too soon after a cold start for the codes, the drought code above all, to be trusted
    HISTORY = 4096  # no wet day is known in the history: LY/T 1172's C is 50
    RAIN_GAP = 8192  # a day since the last known wet day had no rain reading and was counted as dry
    OLD_FORECAST = 16384  # a day under way rests on a forecast issued long ago (set where days are made of hours)
    FORECAST_IN_PLACE = 32768  # hours that have passed are known only as forecasts: the analysis is away
    # Set where the weather is read back (weather/quality.py): readings of a source that were not believed, and why.
    SPIKE = 65536  # one went up and back, or changed by more than weather does
    STUCK = 131072  # one did not change for too long
    ALL_EQUAL = 262144  # all points of the source had the same
    TEMP_SUSPECT = 524288
    RH_SUSPECT = 1048576
    WIND_SUSPECT = 2097152
    RAIN_SUSPECT = 4194304
    SNOW_SUSPECT = 8388608


def flag_names(bits: int) -> str:
    """Answer the marks in `bits` as lower-case names joined by ";", in the order of `Flag`; "" when there are none."""
    return ";".join(flag.name.lower() for flag in Flag if flag & int(bits) and flag.name)


@dataclass(frozen=True)
class Limits:
    """The closed range in which a variable is believed, and the mark of its absence."""

    low: float
    high: float
    missing: Flag


TEMP_C = Limits(-60.0, 60.0, Flag.TEMP_MISSING)
RH_PCT = Limits(0.0, 105.0, Flag.RH_MISSING)
WIND_KMH = Limits(0.0, 250.0, Flag.WIND_MISSING)
WIND_MS = Limits(0.0, 250.0 / 3.6, Flag.WIND_MISSING)
RAIN_MM = Limits(0.0, 500.0, Flag.RAIN_MISSING)
SNOW_CM = Limits(0.0, 1500.0, Flag.COVER_MISSING)  # the deepest ever measured was 12 m
COVER_PCT = Limits(0.0, 100.0, Flag.COVER_MISSING)


def believed(values: Floats, limits: Limits) -> bool:
    """Answer whether every value is there, within its limits and to be taken as it is: the quick look."""
    high = min(limits.high, 100.0) if limits is RH_PCT else limits.high
    if not values.size:
        return True
    return bool(np.minimum.reduce(values) >= limits.low and np.maximum.reduce(values) <= high)  # false where one is NaN


def checked_all(arrays: Sequence[Floats], limits: Sequence[Limits]) -> tuple[list[Floats], Bits]:
    """Answer each array with NaN where missing or out of its limits, and the flags of all, of the one shape they share.

    Humidity of 100–105 % (the drift of an instrument in fog) becomes 100 with a mark.
    """
    flags = np.zeros(arrays[0].shape, dtype=np.uint32)
    answers = []
    for values, limit in zip(arrays, limits, strict=True):
        good = (values >= limit.low) & (values <= limit.high)  # false for NaN
        flags |= mark(~good, limit.missing) | mark(~good & ~np.isnan(values), Flag.OUT_OF_RANGE)
        answer = np.where(good, values, np.nan)
        if limit is RH_PCT:
            flags |= mark(answer > 100.0, Flag.RH_CLAMPED)
            answer = np.minimum(answer, 100.0)  # keeps NaN
        answers.append(answer)
    return answers, flags


def mark(where: Bools, flag: Flag) -> Bits:
    """Answer the flag where true, 0 elsewhere."""
    return np.where(where, int(flag), 0).astype(np.uint32)


def floats(name: str, values: npt.ArrayLike) -> Floats:
    """Answer the values as an array of float64; BadInput with the name when they are not numbers."""
    try:
        return np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: not an array of numbers ({error})") from None


def spread(name: str, values: Floats, shape: tuple[int, ...]) -> Floats:
    """Answer the values spread over a shape; BadInput with the name when they do not fit."""
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise BadInput(f"{name}: shape {values.shape} does not fit {shape}") from None
