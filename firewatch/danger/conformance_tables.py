"""The indices beside the figures that come with the package (firewatch/indices/tables, origins in its README)."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import numpy as np

from firewatch.danger.conformance import Case, Column, Columns, Tolerance
from firewatch.errors import BadInput
from firewatch.indices import angstrom, ffdi, fosberg, fwi, fwi_series, kbdi, lyt1172, nesterov, season

TABLES = files("firewatch.indices") / "tables"
FWI_COLUMNS = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
# The form in which xclim's authors worked their examples: Finkele's, held to 8 inches, the bare equation in the cold.
FINKELE_8_INCHES = kbdi.Form(rain_rate=0.00173, interception_mm=5.0, rain_first=False, dries_from_c=-math.inf)

Folder = Traversable | Path
Run = Callable[[Columns], Columns]


@dataclass(frozen=True)
class Reference:
    """A table: its index, its file, the columns to be met, how to compute ours from the others, and how near."""

    index: str
    file: str
    columns: tuple[str, ...]
    run: Run
    tolerances: dict[str, Tolerance] = field(default_factory=lambda: {"": Tolerance(1e-6)})
    note: str = ""


def table_cases(references: Iterable[Reference] | None = None, folder: Folder = TABLES) -> Iterator[Case]:
    """Yield a case for each table; BadInput when a file is absent or is not a table of numbers."""
    for reference in REFERENCES if references is None else references:
        table = read_columns(folder / reference.file)
        if absent := [name for name in reference.columns if name not in table]:
            raise BadInput(f"{reference.file}: no column {', '.join(absent)}")
        theirs = {name: table[name] for name in reference.columns}
        yield Case(reference.index, reference.file, reference.run(table), theirs, reference.tolerances, reference.note)


def read_columns(file: Folder) -> Columns:
    """Answer the columns of a CSV file of numbers, NaN where empty."""
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        values = np.array([[float(cell or "nan") for cell in row] for row in rows[1:]])
    except (OSError, ValueError) as error:
        raise BadInput(f"{file.name}: {error}") from None
    return dict(zip(rows[0], values.T, strict=True))


def _fwi_of(constant: str, **names: str) -> Run:
    def run(table: Columns) -> Columns:
        t, h, w, r = (table[names[name]][:, np.newaxis] for name in ("temp", "rh", "wind", "rain"))
        lat = table["lat"][0]
        days = fwi_series.daily(t, h, w, r, table[names["month"]], lat, constant=constant)
        return {name: getattr(days, name)[:, 0] for name in FWI_COLUMNS}

    return run


def _hourly(table: Columns) -> Columns:
    before, t, h, w, r, hours = (table[name] for name in _HOURLY_INPUTS)
    return {"ffmc": fwi.hourly_ffmc(before, t, h, w, r, hours, "exact")}


def _overwintered(table: Columns) -> Columns:
    winters = zip(*(table[name].tolist() for name in _OVERWINTER_INPUTS), strict=True)
    codes = [season.overwintered_dc(np.array([dc]), np.array([rain]), a, b)[0] for dc, rain, a, b in winters]
    return {"dc_spring": np.array(codes)}


def _calendar(table: Columns) -> Columns:
    days = [date(*(int(figure) for figure in ymd)) for ymd in zip(*(table[n] for n in _YMD), strict=True)]
    return {
        name: np.array([float(season.calendar_covers([window], on)) for on in days])
        for name, window in _WINDOWS.items()
    }


def _season_by(kind: Literal["thaw", "snow"]) -> Run:
    def run(table: Columns) -> Columns:
        return {kind: season_days(season.SeasonRule(kind), season.SeasonState(), table["tmax_c"], table["snow_cm"])}

    return run


def season_days(rule: season.SeasonRule, start: season.SeasonState, tmax_c: Column, snow_cm: Column) -> Column:
    """Answer 1 for each day in season and 0 for each out of it; the days are the first axis."""
    active = np.empty(tmax_c.shape)
    for day in range(len(tmax_c)):
        cells = np.atleast_1d(tmax_c[day])
        found = season.step(rule, start, cells, np.atleast_1d(snow_cm[day]), np.zeros(cells.shape))
        active[day], start = found.active.reshape(active[day].shape), found.state
    return active


def _lyt1172(table: Columns) -> Columns:
    def run(part: Columns) -> Columns:
        names = ("tmax_c", "rhmin_pct", "rain_mm", "windmax_ms", "green_pct", "snow_pct")
        t, h, r, w, green, snow = (part[name][:, np.newaxis] for name in names)
        days = lyt1172.daily(t, h, r, w, green, snow)
        return {
            name: getattr(days, name)[:, 0].astype(np.float64) for name in ("a", "b", "c", "d", "e", "htz", "grade")
        }

    return _by_series(table, run)


def _kbdi_of(form: kbdi.Form) -> Run:
    def run(part: Columns) -> Columns:
        start = kbdi.KbdiState(kbdi_mm=part["start_mm"][0])
        t, r = part["tmax_c"][:, np.newaxis], part["rain_mm"][:, np.newaxis]
        return {"kbdi_mm": kbdi.daily(t, r, part["annual_rain_mm"][0], start, form).kbdi_mm[:, 0]}

    return _each_series(run)


def _figure_1(table: Columns) -> Columns:
    """Answer the index in points, and the drying of each day from the index and the net rain as they are printed."""
    tmax, annual = (table["tmax_f"] - 32.0) / 1.8, np.full(len(table["day"]), 50.0 * _MM_PER_INCH)
    rain = table["rain_in"] * _MM_PER_INCH
    start = kbdi.KbdiState(kbdi_mm=table["before"][0] / kbdi.POINTS_PER_MM)
    days = kbdi.daily(tmax[:, np.newaxis], rain[:, np.newaxis], annual[:1], start)
    left = (table["before"] - 100.0 * table["net_rain_in"]) / kbdi.POINTS_PER_MM
    drying = kbdi.drying_mm(left, tmax, annual)
    return {"kbdi": days.kbdi_mm[:, 0] * kbdi.POINTS_PER_MM, "drought_factor": drying * kbdi.POINTS_PER_MM}


def _drought_factor(table: Columns) -> Columns:
    def run(part: Columns) -> Columns:
        last = ffdi.drought_factor(part["deficit_mm"][-1:], part["rain_mm"][:, np.newaxis])
        return {"drought_factor": np.append(np.full(len(part["day"]) - 1, np.nan), last)}

    return _by_series(table, run)


def _ffdi(table: Columns) -> Columns:
    danger = ffdi.index(table["drought_factor"], table["temp_c"], table["rh_pct"], table["wind_kmh"])
    return {"ffdi": danger, "rating": ffdi.rating(danger).astype(np.float64)}


def _nesterov(table: Columns) -> Columns:
    t, h, r = (table[name][:, np.newaxis] for name in ("temp_c", "rh_pct", "rain_mm"))
    days = nesterov.daily(t, h, r)
    return {"nesterov": days.nesterov[:, 0], "class": days.danger_class[:, 0].astype(np.float64)}


def _angstrom(table: Columns) -> Columns:
    days = angstrom.daily(table["temp_c"][np.newaxis], table["rh_pct"][np.newaxis])
    return {"angstrom": days.angstrom[0], "class": days.danger_class[0].astype(np.float64)}


def _fosberg(table: Columns) -> Columns:
    t, h, w = (table[name][np.newaxis] for name in ("temp_c", "rh_pct", "wind_kmh"))
    return {"fosberg": fosberg.daily(t, h, w).fosberg[0]}


def _by_series(table: Columns, run: Run) -> Columns:
    """Run every series of the table by itself and put the answers one below the other."""
    parts = [run({name: values[table["series"] == s] for name, values in table.items()}) for s in _series(table)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _each_series(run: Run) -> Run:
    return lambda table: _by_series(table, run)


def _series(table: Columns) -> list[float]:
    return list(dict.fromkeys(table["series"].tolist()))


_MM_PER_INCH = 25.4
_HOURLY_INPUTS = ("before", "temp_c", "rh_pct", "wind_kmh", "rain_mm", "hours")
_OVERWINTER_INPUTS = ("dc_autumn", "winter_rain_mm", "carry_over", "wetting")
_YMD = ("year", "month", "day")
_WINDOWS = {"autumn_to_spring": ((10, 1), (5, 31)), "spring": ((3, 15), (5, 15))}
_CFFDRS = {"temp": "temp", "rh": "rh", "wind": "ws", "rain": "prec", "month": "mon"}
_PRINTED = {"temp": "temp_c", "rh": "rh", "wind": "ws_kmh", "rain": "prec_mm", "month": "month"}
_HALF_A_DIGIT = 1e-12  # what a half of the last printed digit may be more than a half, for binary has no 0.05
_NONE = {"": Tolerance()}
_SIX_DIGITS = {"": Tolerance(relative=5.1e-6)}
_FIVE_DECIMALS = {"": Tolerance(5.1e-6)}

REFERENCES = (
    Reference(
        "fwi-vw1985",
        "vw1985_published_49day.csv",
        FWI_COLUMNS,
        _fwi_of("vw1985", **_PRINTED),
        {"": Tolerance(0.05 + _HALF_A_DIGIT), "dsr": Tolerance(0.005 + _HALF_A_DIGIT)},
        "printed with one decimal, DSR with two",
    ),
    Reference(
        "fwi-vw1985",
        "vw1985_48day_fullprec.csv",
        FWI_COLUMNS,
        _fwi_of("vw1985", **_CFFDRS),
        {"": Tolerance(relative=1e-9)},
    ),
    Reference(
        "fwi-vw1985",
        "fwi_worked.csv",
        FWI_COLUMNS,
        _each_series(_fwi_of("vw1985", **_PRINTED)),
        {"": Tolerance(1e-9, 1e-9)},
        "every month and band of latitude, deep drought",
    ),
    Reference(
        "fwi-exact",
        "cffdrs_exact_48day.csv",
        FWI_COLUMNS,
        _fwi_of("exact", **_CFFDRS),
        _SIX_DIGITS,
        "printed with six digits",
    ),
    Reference(
        "ffmc-hourly",
        "cffdrs_hourly_ffmc.csv",
        ("ffmc",),
        _hourly,
        {"": Tolerance(2e-6, 1e-7)},
        "theirs rounds the constant to 147.27723",
    ),
    Reference(
        "dc-overwintered",
        "cffdrs_overwintered_dc.csv",
        ("dc_spring",),
        _overwintered,
        {"": Tolerance(relative=1e-9)},
    ),
    Reference("season-calendar", "calendar_worked.csv", tuple(_WINDOWS), _calendar, _NONE),
    Reference("season-thaw", "season_worked.csv", ("thaw",), _season_by("thaw"), _NONE),
    Reference("season-snow", "season_worked.csv", ("snow",), _season_by("snow"), _NONE),
    Reference("lyt1172", "lyt1172_worked.csv", ("a", "b", "c", "d", "e", "htz", "grade"), _lyt1172, _NONE),
    Reference(
        "kbdi",
        "kb1968_figure1.csv",
        ("kbdi", "drought_factor"),
        _figure_1,
        {"kbdi": Tolerance(3.0), "drought_factor": Tolerance(1.5)},
        "theirs by table: steps of 3 °F and 50 points, whole points",
    ),
    Reference(
        "kbdi",
        "kbdi_english_units.csv",
        ("kbdi_mm",),
        _kbdi_of(kbdi.KEETCH_BYRAM),
        {"": Tolerance(1e-3, 2e-3)},
        "the metric constants are rounded",
    ),
    Reference(
        "kbdi-finkele",
        "xclim_kbdi.csv",
        ("kbdi_mm",),
        _kbdi_of(FINKELE_8_INCHES),
        _FIVE_DECIMALS,
        "held to 203.2 mm as theirs is",
    ),
    Reference("kbdi-finkele", "kbdi_finkele_worked.csv", ("kbdi_mm",), _kbdi_of(kbdi.FINKELE)),
    Reference("drought-factor", "xclim_drought_factor.csv", ("drought_factor",), _drought_factor, _FIVE_DECIMALS),
    Reference("ffdi", "ffdi_worked.csv", ("ffdi", "rating"), _ffdi),
    Reference("nesterov", "nesterov_worked.csv", ("nesterov", "class"), _nesterov),
    Reference("angstrom", "angstrom_worked.csv", ("angstrom", "class"), _angstrom),
    Reference("fosberg", "fosberg_worked.csv", ("fosberg",), _fosberg),
)
