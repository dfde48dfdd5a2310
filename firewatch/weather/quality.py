"""Which hours of one source are believed: range, spike, step, stuck sensor, field without any difference. Pure numpy.

Each variable is judged on its own, so that a bad wind costs no good temperature. A value that is not believed becomes
NaN, that is missing, with a mark; what is stored stays as it was received.

* **Range.** The plausible value check of WMO's guidelines (Zahumenský 2004, Guidelines on Quality Control Procedures
  for Data from Automatic Weather Stations, CBS/OPAG-IOS/ET AWS-3/Doc. 4(1); WMO-No. 8). Humidity of 100-105 % passes
  here: it is clamped and marked where days are made.
* **Spike.** One hour that stands out from the hour before and the hour after by more than a limit, to the same side; or
  two or three hours that do so by more than the hard step. Going up and *back* is what an instrument does: a front
  that drops the temperature does not take it back. At Dingling (2013-2017) and three airports of New York (2013) the
  largest real ones were 5.1 °C, 34 % and 35 km/h; the defaults lie well above. Up to three missing hours hide neither
  neighbour, but then weather has more time as well: only the hard step tells.
* **Step.** A change beyond a hard limit from one hour to the next that was not taken back (yet): the later hour is not
  believed, the ones after it are. WMO's limits are for one-minute values (3 °C, 15 %, 20 m/s); weather within an hour
  changes more, so these are only the gross errors. The largest real steps in those data: 12 °C, 47 %, 43 km/h.
* **Stuck.** The very same value for a day: HadISD rejects streaks of 24 equal hours where values have decimals and of
  40 where they are whole (Dunn et al. 2012, Climate of the Past 8, table 4). In those data 14 equal hours (whole °F)
  occur. Up to three missing hours between equal ones end no streak: a radio that loses an hour mends no sensor. Not
  stuck: humidity of 95 % and more (fog), no rain or hardly any, snow. A calm may last `calm_hours`.
* **Field.** All points of a source with the very same value for hours are what a broken feed looks like, all zero
  above all. (Three airports that tell whole °F agreed for up to four hours by chance.) Of humidity zero everywhere,
  which no air has, one hour is enough. Not so: no rain, no snow, fog everywhere. Where one station stands for all
  points (a replay, a file) the check does not apply.

Whether an hour is believed hangs on at most `Quality.reach()` hours before and after it, and on nothing else.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from firewatch.indices.checks import Bits, Bools, Flag, Floats, mark
from firewatch.rulebook.quality import MISSING_BETWEEN, Quality

CALM_KMH = 1.0
FOG_PCT = 95.0
DRIZZLE_MM = 0.5
LONGEST_SPIKE = 3
"""Hours that may stand out together."""
LONGEST_HOLE = MISSING_BETWEEN
"""Missing hours running over which neighbours are still neighbours."""
SUSPECT = {
    "temp_c": Flag.TEMP_SUSPECT,
    "rh_pct": Flag.RH_SUSPECT,
    "wind_kmh": Flag.WIND_SUSPECT,
    "rain_mm": Flag.RAIN_SUSPECT,
    "snow_depth_cm": Flag.SNOW_SUSPECT,
}
"""The variables that are judged, and the mark of each."""
EQUAL_AT_ONCE = ("temp_c", "rh_pct", "wind_kmh")

Table = dict[str, Floats]
Marks = dict[str, Bits]


def check(values: Mapping[str, Floats], rules: Quality, *, one_station: bool = False) -> tuple[Table, Marks]:
    """Return the hours of one source with NaN for what is not believed, and why, both by variable.

    Arrays have the shape (hours, points), one hour a row without a gap, NaN where missing; the names are those of
    `SUSPECT`. `one_station` tells that all points have their weather from one station.
    """
    good = {name: _in_range(values[name], getattr(rules, name)) for name in SUSPECT}
    why = {name: mark(~np.isnan(values[name]) & np.isnan(good[name]), Flag.OUT_OF_RANGE) for name in SUSPECT}
    for name in SUSPECT:
        why[name] |= mark(_jumps(good[name], *_limits(rules, name)), Flag.SPIKE)
        why[name] |= mark(_stuck(name, good[name], rules), Flag.STUCK)
    if rules.equal_points and not one_station:
        for name, equal in _equal(good, rules).items():
            why[name] |= mark(equal, Flag.ALL_EQUAL)
    for name, flag in SUSPECT.items():
        good[name] = np.where(why[name] != 0, np.nan, good[name])
        why[name] |= mark(why[name] != 0, flag)
    return good, why


def _in_range(values: Floats, limits: tuple[float, float]) -> Floats:
    low, high = limits
    return np.where((values >= low) & (values <= high), values, np.nan)  # false for NaN


def _limits(rules: Quality, name: str) -> tuple[float, float]:
    return {
        "temp_c": (rules.temp_spike_c, rules.temp_step_c),
        "rh_pct": (rules.rh_spike_pct, rules.rh_step_pct),
        "wind_kmh": (rules.wind_spike_kmh, rules.wind_step_kmh),
        "rain_mm": (0.0, 0.0),  # a cloudburst comes and goes within the hour
        "snow_depth_cm": (rules.snow_spike_cm, rules.snow_step_cm),
    }[name]


def _jumps(values: Floats, spike: float, step: float) -> Bools:
    """Return the hours that jumped out and back, and those after a step that no weather makes."""
    out = np.zeros(values.shape, dtype=np.bool_)
    if spike:
        _mark_spikes(out, values, values, spike, 1)
    if not step:
        return out
    before, after = _filled(values), _filled(values[::-1])[::-1]
    for length in range(1, LONGEST_SPIKE + 1):
        _mark_spikes(out, before, after, step, length)
    out &= ~np.isnan(values)
    # From and to a spike everything is a step.
    leap = (np.abs(values[1:] - values[:-1]) > step) & ~out[1:] & ~out[:-1]
    out[1:] |= leap
    return out


def _filled(values: Floats) -> Floats:
    """Return the hours with the last value there was in the place of up to LONGEST_HOLE missing ones."""
    filled = values.copy()
    for _ in range(LONGEST_HOLE):
        filled[1:] = np.where(np.isnan(filled[1:]), filled[:-1], filled[1:])
    return filled


def _mark_spikes(out: Bools, values: Floats, later: Floats, limit: float, length: int) -> None:
    """Mark stretches of `values` that stand out from the value before them and from the one of `later` after them."""
    last = len(values) - length - 1
    if last < 1:
        return
    before, after = values[:last], later[length + 1 :]
    inside = [values[1 + number : 1 + number + last] for number in range(length)]
    above = np.all([part - np.maximum(before, after) > limit for part in inside], axis=0)  # false beside NaN
    below = np.all([np.minimum(before, after) - part > limit for part in inside], axis=0)
    for number in range(length):
        out[1 + number : 1 + number + last] |= above | below


def _stuck(name: str, values: Floats, rules: Quality) -> Bools:
    """Return the hours in a streak of one value that is too long for its kind."""
    there = ~np.isnan(values)
    before = _filled(values)
    between = ~there & (before == _filled(values[::-1])[::-1])
    lengths = np.where(there, _streaks(np.where(between, before, values)), 0)
    if name == "wind_kmh":
        calm = values <= CALM_KMH
        return _at_least(lengths, rules.calm_hours) & calm | _at_least(lengths, rules.stuck_hours) & ~calm
    if name == "rain_mm":
        return _at_least(lengths, rules.stuck_rain_hours) & (values > DRIZZLE_MM)
    if name == "snow_depth_cm":
        return np.zeros(values.shape, dtype=np.bool_)
    stuck = _at_least(lengths, rules.stuck_hours)
    return np.asarray(stuck & (values < FOG_PCT)) if name == "rh_pct" else stuck


def _at_least(lengths: npt.NDArray[np.int64], hours: int) -> Bools:
    return np.asarray(lengths >= hours) if hours else np.zeros(lengths.shape, dtype=np.bool_)


def _streaks(values: Floats) -> npt.NDArray[np.int64]:
    """Return for every hour how many hours running, itself included, have its value; a missing one is by itself."""
    lengths = np.zeros(values.shape, dtype=np.int64)
    for point in range(values.shape[1]):
        column = values[:, point]
        begins = np.append(True, column[1:] != column[:-1])[: len(column)]  # NaN differs from NaN
        streak = np.cumsum(begins) - 1
        lengths[:, point] = np.bincount(streak)[streak] if len(column) else 0
    return lengths


def _equal(values: Mapping[str, Floats], rules: Quality) -> dict[str, Bools]:
    """Return, by variable, the values of hours at which all points have the same."""
    flat = {name: _flat(name, values[name], rules.equal_points) for name in SUSPECT}
    calm = flat["wind_kmh"] & (_highest(values["wind_kmh"]) <= CALM_KMH)
    at_once = np.all([flat[name] for name in EQUAL_AT_ONCE], axis=0)
    answer = {}
    for name, there in flat.items():
        if name == "wind_kmh":
            lasting = _lasting(there & ~calm, rules.equal_hours) | _lasting(calm, rules.equal_calm_hours)
        else:
            lasting = _lasting(there, rules.equal_hours)
        bad = lasting | (at_once if name in EQUAL_AT_ONCE else False)
        if name == "rh_pct":
            bad = bad | (there & (_highest(values[name]) == 0.0))
        answer[name] = bad[:, np.newaxis] & ~np.isnan(values[name])
    return answer


def _flat(name: str, values: Floats, points: int) -> Bools:
    """Return the hours at which enough points have one and the same value, and not one that is common to all."""
    enough = np.count_nonzero(~np.isnan(values), axis=1) >= points
    high, low = _highest(values), -_highest(-values)
    everywhere = {"rh_pct": high >= FOG_PCT, "rain_mm": high <= DRIZZLE_MM, "snow_depth_cm": high == 0.0}
    legal = everywhere.get(name, np.zeros(len(values), dtype=np.bool_))
    return np.asarray(enough & (high == low) & ~legal)


def _highest(values: Floats) -> Floats:
    there = np.where(np.isnan(values), -np.inf, values)
    return np.asarray(np.max(there, axis=1, initial=-np.inf))


def _lasting(there: Bools, hours: int) -> Bools:
    """Return the hours of stretches that last."""
    return there & (_streaks(there[:, np.newaxis].astype(np.float64))[:, 0] >= hours)
