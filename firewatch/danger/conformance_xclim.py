"""The indices beside xclim's, where that package is installed, over made-up weather. Like is compared with like.

xclim is no dependency: it is looked for when asked. It computes the FWI System with C = 147.2; its latitude bands are
cut at 15° and 30° where ours are cut at 10°, 20° and 30°, so the cells here lie where both have the same rows.
"""

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from firewatch.danger.conformance import Case, Columns, Tolerance
from firewatch.danger.conformance_tables import FINKELE_8_INCHES, FWI_COLUMNS, season_days
from firewatch.errors import BadInput
from firewatch.indices import ffdi, fwi_series, kbdi, season
from firewatch.indices.checks import Floats

_DAYS = 730
_LATS = np.array([52.0, 36.0, 25.0, -25.0, -40.0])
_ANNUAL_MM = np.array([250.0, 500.0, 800.0, 1500.0, 3000.0])
# Of a value below 1 the absolute difference counts, of a greater one the relative.
_NEAR = {"": Tolerance(2e-7, 2e-7)}


def installed() -> bool:
    """Answer whether xclim is there."""
    return importlib.util.find_spec("xclim") is not None


def xclim_cases() -> Iterator[Case]:
    """Yield a case for each index that xclim has; none where it is not installed. BadInput when it cannot be loaded."""
    if not installed():
        return
    try:
        fire, version = _load()
    except ImportError as error:
        raise BadInput(f"xclim is installed but cannot be loaded: {error}") from None
    weather = made_up_weather()
    for index, run, note in _RUNS:
        ours, theirs = run(fire, weather)
        yield Case(index, f"xclim {version}", _flat(ours), _flat(theirs), _NEAR, note)


def _load() -> tuple[Any, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of plotting packages that are absent
        return importlib.import_module("xclim.indices.fire"), importlib.import_module("xclim").__version__


def made_up_weather() -> Columns:
    """Answer two years of weather for five places, (days, cells): no day of it happened anywhere."""
    chance = np.random.default_rng(1172)
    shape = (_DAYS, len(_LATS))
    summer = -np.cos(2.0 * np.pi * np.arange(_DAYS) / 365.0)[:, np.newaxis]
    temp = 18.0 + 12.0 * summer + chance.normal(0.0, 4.0, shape)
    rain = np.where(chance.random(shape) < 0.25, np.round(chance.exponential(7.0, shape), 1), 0.0)
    return {
        "temp_c": temp,
        "tmax_c": temp + 3.0,
        "rh_pct": np.clip(chance.normal(45.0, 20.0, shape), 3.0, 100.0),
        "wind_kmh": np.clip(chance.gamma(2.0, 7.0, shape), 0.0, 90.0),
        "rain_mm": rain,
    }


_Two = tuple[Columns, Columns]


def _fwi(fire: Any, weather: Columns) -> _Two:  # noqa: ANN401 - a module
    days = fwi_series.daily(
        weather["temp_c"], weather["rh_pct"], weather["wind_kmh"], weather["rain_mm"], _months(), _LATS
    )
    grids = {name: _grid(weather[column], unit) for name, column, unit in _FWI_INPUTS}
    codes = fire.cffwis_indices(**grids, lat=_row(_LATS, ""))._asdict()
    theirs = {name.lower(): _values(grid) for name, grid in codes.items()}
    theirs["dsr"] = np.asarray(fire.daily_severity_rating(theirs["fwi"]))
    return {name: getattr(days, name) for name in FWI_COLUMNS}, {name: theirs[name] for name in FWI_COLUMNS}


def _overwintered(fire: Any, _: Columns) -> _Two:  # noqa: ANN401 - a module
    dc, rain = (grid.ravel() for grid in np.meshgrid(np.linspace(0.0, 1000.0, 60), np.linspace(0.0, 400.0, 50)))
    theirs = fire.overwintering_drought_code(_row(dc, ""), _row(rain, "mm"))
    return {"dc": season.overwintered_dc(dc, rain)}, {"dc": np.asarray(theirs.values)}


def _thaw(fire: Any, weather: Columns) -> _Two:  # noqa: ANN401 - a module
    tmax = weather["temp_c"] - 4.0  # so that the winters are winters
    start = season.SeasonState(active=False)
    ours = season_days(season.SeasonRule("thaw"), start, tmax, np.zeros(tmax.shape))
    theirs = _values(fire.fire_season(_grid(tmax, "degC"), method="WF93"))
    return {"thaw": ours[:-1]}, {"thaw": theirs[1:]}


def _kbdi(fire: Any, weather: Columns) -> _Two:  # noqa: ANN401 - a module
    days = kbdi.daily(weather["tmax_c"], weather["rain_mm"], _ANNUAL_MM, form=FINKELE_8_INCHES)
    theirs = fire.keetch_byram_drought_index(
        _grid(weather["rain_mm"], "mm/day"), _grid(weather["tmax_c"], "degC"), _row(_ANNUAL_MM, "mm/year")
    )
    return {"kbdi_mm": days.kbdi_mm}, {"kbdi_mm": _values(theirs)}


def _drought_factor(fire: Any, weather: Columns) -> _Two:  # noqa: ANN401 - a module
    soil = kbdi.daily(weather["tmax_c"], weather["rain_mm"], _ANNUAL_MM, form=kbdi.FINKELE).kbdi_mm
    theirs = fire.griffiths_drought_factor(_grid(weather["rain_mm"], "mm/day"), _grid(soil, "mm/day"))
    return {"drought_factor": _factors(weather)}, {"drought_factor": _values(theirs)}


def _ffdi(fire: Any, weather: Columns) -> _Two:  # noqa: ANN401 - a module
    factor = _factors(weather)
    ours = ffdi.index(factor, weather["temp_c"], weather["rh_pct"], weather["wind_kmh"])
    theirs = fire.mcarthur_forest_fire_danger_index(
        _grid(factor, ""), *(_grid(weather[name], unit) for name, unit in _FFDI_INPUTS)
    )
    return {"ffdi": ours}, {"ffdi": _values(theirs)}


def _factors(weather: Columns) -> Floats:
    t, h, w, tmax, r = (weather[name] for name in ("temp_c", "rh_pct", "wind_kmh", "tmax_c", "rain_mm"))
    return ffdi.daily(t, h, w, tmax, r, _ANNUAL_MM).drought_factor


def _months() -> Floats:
    dates = np.datetime64("2001-01-01") + np.arange(_DAYS)
    return (dates.astype("datetime64[M]").astype(np.int64) % 12 + 1).astype(np.float64)


def _grid(values: Floats, unit: str) -> Any:  # noqa: ANN401 - xarray's array, of a package that may be absent
    xarray = importlib.import_module("xarray")
    days = np.datetime64("2001-01-01", "ns") + np.arange(len(values)) * np.timedelta64(1, "D")
    return xarray.DataArray(values, {"time": days}, ("time", "cell"), attrs={"units": unit})


def _row(values: Floats, unit: str) -> Any:  # noqa: ANN401 - as above
    return importlib.import_module("xarray").DataArray(values, dims=("cell",), attrs={"units": unit})


def _values(grid: Any) -> Floats:  # noqa: ANN401 - as above
    return np.asarray(grid.transpose("time", "cell").values, dtype=np.float64)


def _flat(columns: Columns) -> Columns:
    return {name: values.ravel() for name, values in columns.items()}


_FWI_INPUTS = (
    ("tas", "temp_c", "degC"),
    ("pr", "rain_mm", "mm/day"),
    ("sfcWind", "wind_kmh", "km/h"),
    ("hurs", "rh_pct", "%"),
)
_FFDI_INPUTS = (("temp_c", "degC"), ("rh_pct", "%"), ("wind_kmh", "km/h"))
_RUNS: tuple[tuple[str, Callable[[Any, Columns], _Two], str], ...] = (
    ("fwi-vw1985", _fwi, "latitudes where its bands are ours"),
    ("dc-overwintered", _overwintered, ""),
    ("season-thaw", _thaw, "it looks at the three days before, so its season begins and ends a day later: shifted"),
    (
        "kbdi-finkele",
        _kbdi,
        "its form: 0.00173, 5 mm, 203.2 mm, rain and drying from yesterday's index, the bare equation in frost",
    ),
    ("drought-factor", _drought_factor, "from the 20th day: it gives none before"),
    ("ffdi", _ffdi, "of our drought factor; it rounds 2 e^-0.45 to e^0.243147"),
)
