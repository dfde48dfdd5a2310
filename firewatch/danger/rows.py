"""From a day's weather to the rows that are kept: the indices at every point, the grade of every zone.

The state that tomorrow starts from is stored with each day at full precision, so that a chain can be taken up again
from any day and gives the same bits.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firewatch.danger import resting, season
from firewatch.danger.days import Days, noon_hour_utc
from firewatch.danger.grades import FwiThresholds, fwi_grades, zone_grade
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.indices import fwi_series, lyt1172
from firewatch.indices.checks import flag_names
from firewatch.indices.season import FIELDS, SeasonState, stacked
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.read import Rulebook

SCHEMES = ("lyt1172", "fwi")
NOT_CALIBRATED = "not_calibrated"
"""The FWI thresholds are not from local percentiles."""
SNOW_UNKNOWN = "snow_unknown"
"""No source tells of snow: counted as none, the cautious side."""
POINT_MISSING = "point_missing"
"""A point of the zone has no data: the grade is the worst of the others."""

INPUTS = ("temp_c", "rh_pct", "wind_kmh", "rain_mm", "tmax_c", "rhmin_pct", "windmax_ms", "rain_day_mm")
RESULTS = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")

State = Mapping[str, float | None]


class States(NamedTuple):
    """What a chain carries: of the codes, of LY/T 1172, of the season. Arrays of shape (cells,)."""

    fwi: fwi_series.FwiState
    lyt: lyt1172.LytState
    season: SeasonState


class Chain:
    """Days one after the other, each from the state of the day before.

    `Chain(book, *states(stored))` takes a chain up where `stored`, the `state` of each point's row, left it; a point
    without one (None) starts cold. Any day's rows will do.
    """

    def __init__(
        self,
        book: Rulebook,
        fwi_state: fwi_series.FwiState,
        lyt_state: lyt1172.LytState,
        season_state: SeasonState,
        members: int = 1,
    ) -> None:
        """Start from states of shape (members * points,): the rulebook's points in their order, for every member.

        An ensemble has several members; their cells lie side by side, and none knows of another.
        """
        self._book = book
        self._cells = list(book.points.values()) * members
        self._zones = {point.id: zone for zone in book.zones for point in zone.points}
        self._thresholds = {
            zone.id: FwiThresholds(book.danger.thresholds(zone.id), book.danger.is_calibrated(zone.id))
            for zone in book.zones
        }
        self._rule = season.code_rule(book.danger)
        rules = book.danger.season
        self._winter = resting.Winter(rules.overwinter, rules.carry_over, rules.wetting)
        self._fwi_state = fwi_state
        self._lyt_state = lyt_state
        self._season_state = season_state

    def next_day(self, on: date, weather: Days, number: int, now: datetime) -> list[PointDay]:
        """Return the rows of a day, one for each cell; `number` is its place in `weather`."""
        one = slice(number, number + 1)
        rested = resting.next_day(
            self._rule,
            self._winter,
            self._season_state,
            self._fwi_state,
            weather.tmax_c[number],
            weather.snow_depth_cm[number],
            weather.rain_mm[number],
            lambda start: self._fwi(on, weather, one, start),
        )
        lyt = lyt1172.daily(
            weather.tmax_c[one],
            weather.rhmin_pct[one],
            weather.rain_day_mm[one],
            weather.windmax_ms[one],
            green_pct=[self._green(cell.id, on) for cell in self._cells],
            snow_pct=self._snow(weather.snow_depth_cm[one]),
            start=self._lyt_state,
            after_day_8=self._book.danger.after_day_8,
        )
        self._fwi_state, self._lyt_state, self._season_state = rested.fwi.state, lyt.state, rested.season
        return [self._row(on, weather, number, index, rested, lyt, now) for index in range(len(self._cells))]

    def _fwi(self, on: date, weather: Days, one: slice, start: fwi_series.FwiState) -> fwi_series.FwiDays:
        return fwi_series.daily(
            weather.temp_c[one],
            weather.rh_pct[one],
            weather.wind_kmh[one],
            weather.rain_mm[one],
            month=[on.month],
            lat=[cell.lat for cell in self._cells],
            start=start,
            constant=self._book.danger.constant,
            max_gap_days=self._book.danger.max_gap_days,
        )

    def _green(self, point: str, on: date) -> float:
        return self._book.danger.green_pct[self._zones[point].id][on.month - 1]

    def _snow(self, depth_cm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.where(depth_cm >= self._book.danger.snow_cover_depth_cm, 100.0, 0.0)

    def _row(
        self,
        on: date,
        weather: Days,
        number: int,
        index: int,
        rested: resting.RestedDay,
        lyt: lyt1172.LytDays,
        now: datetime,
    ) -> PointDay:
        point, fwi = self._cells[index], rested.fwi
        zone = self._zones[point.id]
        flags = fwi.flags[0, index] | lyt.flags[0, index] | weather.flags[number, index]
        snow = "" if not math.isnan(weather.snow_depth_cm[number, index]) else SNOW_UNKNOWN
        row = PointDay(
            point_id=point.id,
            zone_id=zone.id,
            on=on,
            constant=self._book.danger.constant,
            noon_hour_utc=noon_hour_utc(point.lon),
            htz=_plain(lyt.htz[0, index]),
            fwi_grade=int(fwi_grades(fwi.fwi, fwi.flags, self._thresholds[zone.id])[0, index]),
            lyt_grade=int(lyt.grade[0, index]),
            flags=_joined(flag_names(flags), snow, self._of_season(on, zone.id, index, rested)),
            provisional=bool(weather.provisional[number, index]),
            state=_stored(fwi.state.at(index), lyt.state.at(index), rested.season.at(index)),
            assessed_at=now,
        )
        for name in INPUTS:
            setattr(row, name, _plain(getattr(weather, name)[number, index]))
        for name in RESULTS:
            setattr(row, name, _plain(getattr(fwi, name)[0, index]))
        return row

    def _of_season(self, on: date, zone_id: str, index: int, rested: resting.RestedDay) -> str:
        off = rested.rests[index] or not season.by_calendar(self._book.danger, on, zone_id)
        said = {
            season.OFF_SEASON: off,
            season.FWI_RESTS: rested.rests[index],
            season.OVERWINTERED: rested.overwintered[index],
            season.WINTER_RAIN_GAP: rested.winter_gap[index],
        }
        return ";".join(name for name, holds in said.items() if holds)


def states(stored: Sequence[State | None]) -> States:
    """Return the states of points, as arrays, from what was stored; where nothing was, a point starts cold."""
    fwi = [_fwi_state(state) if state else fwi_series.FwiState.cold_start() for state in stored]
    lyt = [_lyt_state(state) if state else lyt1172.LytState() for state in stored]
    lyt_state = lyt1172.LytState(
        np.array([state.dry_days for state in lyt], dtype=np.float64),
        np.array([state.wet_mm for state in lyt], dtype=np.float64),
        np.array([state.rain_gap for state in lyt], dtype=np.bool_),
    )
    return States(fwi_series.stacked(fwi), lyt_state, stacked([_season_state(state or {}) for state in stored]))


def spin_up_left(state: State) -> int:
    """Return the days for which the codes of a stored state are still marked after a cold start."""
    return int(state.get("spin_up_left") or 0)


def zone_grades(book: Rulebook, points: Sequence[PointDay]) -> list[ZoneGrade]:
    """Return the grades of all zones, by each scheme, from the rows of their points on one day."""
    # In an order of their own: neither a mean's last bit nor a mark's place hangs on the order in zones.geojson.
    listed = sorted(points, key=lambda row: row.point_id)
    by_zone = {zone.id: [row for row in listed if row.zone_id == zone.id] for zone in book.zones}
    return [_zone_grade(book, zone, by_zone[zone.id], scheme) for zone in book.zones for scheme in SCHEMES]


def _zone_grade(book: Rulebook, zone: Zone, points: Sequence[PointDay], scheme: str) -> ZoneGrade:
    grades = [row.lyt_grade if scheme == "lyt1172" else row.fwi_grade for row in points]
    values = [row.htz if scheme == "lyt1172" else row.fwi for row in points]
    combined = zone_grade(grades)
    known = [value for value, grade in zip(values, grades, strict=True) if grade and value is not None]
    extra = NOT_CALIBRATED if scheme == "fwi" and not book.danger.is_calibrated(zone.id) else ""
    resting_points = sum(season.is_out_of_season(row.fwi_grade, row.flags) for row in points)
    wanted = combined.points - resting_points if scheme == "fwi" else combined.points
    missing = POINT_MISSING if 0 < combined.points_with_data < wanted else ""
    rests = scheme == "fwi" and resting_points == combined.points
    return ZoneGrade(
        zone_id=zone.id,
        on=points[0].on,
        scheme=scheme,
        grade=combined.grade,
        value=None if combined.worst_point is None else max(known, default=None),
        mean=sum(known) / len(known) if known else None,
        flags=_without(_joined(*(row.flags for row in points), missing, extra), "" if rests else season.FWI_RESTS),
        provisional=any(row.provisional for row in points),
        assessed_at=points[0].assessed_at,
    )


def _joined(*flags: str) -> str:
    """Join flag lists, each name once, in the order of their first appearance."""
    return ";".join(dict.fromkeys(name for text in flags for name in text.split(";") if name))


def _without(flags: str, name: str) -> str:
    return ";".join(flag for flag in flags.split(";") if flag and flag != name)


SEASON_KEY = "season_"


def _stored(fwi: fwi_series.FwiState, lyt: lyt1172.LytState, season_state: SeasonState) -> dict[str, float | None]:
    of_season = {SEASON_KEY + name: getattr(season_state, name) for name in FIELDS}
    fields = {**dataclasses.asdict(fwi), **dataclasses.asdict(lyt), **of_season}
    return {name: _plain(float(value)) for name, value in fields.items()}


def _plain(value: float) -> float | None:
    """Return what a database may hold: None where there is no value."""
    return None if math.isnan(value) else float(value)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _fwi_state(state: State) -> fwi_series.FwiState:
    return fwi_series.FwiState(
        ffmc=_number(state["ffmc"]),
        dmc=_number(state["dmc"]),
        dc=_number(state["dc"]),
        temp_c=_number(state["temp_c"]),
        rh_pct=_number(state["rh_pct"]),
        wind_kmh=_number(state["wind_kmh"]),
        gap_days=int(_number(state["gap_days"])),
        spin_up_left=int(_number(state["spin_up_left"])),
    )


def _lyt_state(state: State) -> lyt1172.LytState:
    return lyt1172.LytState(_number(state["dry_days"]), _number(state["wet_mm"]), bool(state["rain_gap"]))


def _season_state(state: State) -> SeasonState:
    """Return the state of the season; one that was stored before there were seasons is in season."""
    if SEASON_KEY + "active" not in state:
        return SeasonState()
    kept = {name: _number(state[SEASON_KEY + name]) for name in FIELDS}
    return SeasonState(
        active=bool(kept["active"]),
        warm_days=int(kept["warm_days"]),
        cold_days=int(kept["cold_days"]),
        bare_days=int(kept["bare_days"]),
        autumn_dc=kept["autumn_dc"],
        winter_rain_mm=kept["winter_rain_mm"],
        winter_gap=bool(kept["winter_gap"]),
    )
