"""Our daily FWI System beside xclim's, in one run: CPU time, peak memory, and how true the numbers are.

Every measurement is a fresh process, the two engines in turn; each calls three times and the quickest call counts,
for the first pays for memory the machine has not handed out before. The weather is made up, the same for both, in
float64. Ours is timed with its range checks, flags and severity rating, which xclim's call does not make; xclim's is
called once on a few cells before, so that its compilation is not counted.
How far ours is ahead hangs on the processor: numpy takes exp and log of float64 eight at a time with AVX-512, and about
as slowly as xclim's compiled code without; so what numpy runs them with is printed.
Run it from the repository: `make bench-danger`.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
import warnings
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from numpy.lib.introspect import opt_func_info

Floats = npt.NDArray[np.float64]

CASES = {"365 d x 10,000": (365, 10_000), "30 d x 250,000": (30, 250_000)}
ENGINES = ("firewatch", "xclim")
RUNS = 5
CALLS = 3
FIRST = date(2025, 1, 1)
LATITUDE = 35.5
CHECKED_CELLS = 40
TOLERANCE = 2e-7
GATE = 1.8


def main() -> int:
    """Print the figures; answer 1 when the numbers or the gate are missed."""
    well = True
    print(f"numpy {np.__version__}: {_instructions()}")
    for name, (days, cells) in CASES.items():
        found: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
        for _ in range(RUNS):
            for engine in ENGINES:
                found[engine].append(_in_a_process(engine, days, cells))
        seconds = {engine: statistics.median(one["cpu_s"] for one in found[engine]) for engine in ENGINES}
        print(f"{name} cells, median of {RUNS} (least to most):")
        for engine in ENGINES:
            every = sorted(one["cpu_s"] for one in found[engine])
            memory = statistics.median(one["peak_mb"] for one in found[engine])
            speed = days * cells / seconds[engine] / 1e6
            print(
                f"  {engine:<10}{seconds[engine]:7.3f} CPU s ({every[0]:.3f} to {every[-1]:.3f})"
                f"  {speed:6.2f} M cell-days per CPU s  peak {memory:6.0f} MB"
            )
        ratio = statistics.median(
            theirs["cpu_s"] / ours["cpu_s"] for ours, theirs in zip(found["firewatch"], found["xclim"], strict=True)
        )
        error = max(one["error"] for one in found["firewatch"])
        print(f"  {ratio:.2f} times xclim (gate {GATE}); furthest from the scalar reference {error:.1e}")
        well = well and ratio >= GATE and error <= TOLERANCE
    return 0 if well else 1


def _instructions() -> str:
    """Answer with which of the processor's instructions numpy takes exp and log of float64."""
    found = opt_func_info(func_name="^(exp|log)$", signature="float64")
    used = {name: kind["current"] for name, kinds in found.items() for kind in kinds.values()}
    return ", ".join(f"{name} of float64 with {used.get(name, 'none of its own')}" for name in ("exp", "log"))


def _in_a_process(engine: str, days: int, cells: int) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", "bench.danger", engine, str(days), str(cells)],
        check=True,
        stdout=subprocess.PIPE,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(engine: str, days: int, cells: int) -> dict[str, float]:
    """Run one engine once, in this process."""
    weather = _made_up(days, cells)
    run = {"firewatch": _firewatch, "xclim": _xclim}[engine]
    run(tuple(values[:, :8].copy() for values in weather))
    seconds = []
    for _ in range(CALLS):
        codes = None  # what the call before has answered is given back first
        began = time.process_time()
        codes = run(weather)
        seconds.append(time.process_time() - began)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = _furthest(weather, codes) if engine == "firewatch" else float("nan")
    return {"cpu_s": min(seconds), "peak_mb": peak_mb, "error": error}


def _made_up(days: int, cells: int) -> tuple[Floats, ...]:
    """Noon weather of a mountain year: °C, %, km/h, mm; rain on one day in five. Shape (days, cells)."""
    draw = np.random.default_rng(1)
    season = np.cos(2 * np.pi * (np.arange(days) - 200) / 365)[:, np.newaxis]
    temp_c = 12 + 14 * season + draw.normal(0, 4, (days, cells))
    rh_pct = np.clip(draw.normal(45, 20, (days, cells)), 2, 100)
    wind_kmh = draw.gamma(2.0, 5.0, (days, cells))
    rain_mm = np.where(draw.random((days, cells)) < 0.2, draw.exponential(5.0, (days, cells)), 0.0)
    return temp_c, rh_pct, wind_kmh, rain_mm


def _months(days: int) -> list[int]:
    return [(FIRST + timedelta(day)).month for day in range(days)]


def _firewatch(weather: tuple[Floats, ...]) -> dict[str, Floats]:
    from firewatch.indices import fwi_series

    days = fwi_series.daily(*weather, month=_months(len(weather[0])), lat=LATITUDE)
    return {name: getattr(days, name) for name in ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")}


def _xclim(weather: tuple[Floats, ...]) -> object:
    warnings.simplefilter("ignore")
    import pandas as pd
    import xarray as xr
    from xclim.indices.fire import cffwis_indices

    days, cells = weather[0].shape
    place = {"time": pd.date_range(FIRST, periods=days), "cell": np.arange(cells)}
    units = {"tas": "degC", "hurs": "%", "sfcWind": "km/h", "pr": "mm/d"}
    given = {
        name: xr.DataArray(values, dims=("time", "cell"), coords=place, attrs={"units": unit})
        for (name, unit), values in zip(units.items(), weather, strict=True)
    }
    lat = xr.DataArray(np.full(cells, LATITUDE), dims="cell", attrs={"units": "degrees_north"})
    start = {
        name: xr.DataArray(np.full(cells, value), dims="cell", attrs={"units": ""}) for name, value in START.items()
    }
    return cffwis_indices(**given, lat=lat, **start)


START = {"ffmc0": 85.0, "dmc0": 6.0, "dc0": 15.0}


def _furthest(weather: tuple[Floats, ...], codes: dict[str, Floats]) -> float:
    """Answer the largest difference from a plain scalar computation, relative to max(1, value), over some cells."""
    from firewatch.indices.fwi import CONSTANTS, day_length, drying_factor
    from tests import scalar_fwi as scalar

    c, months = CONSTANTS["vw1985"], _months(len(weather[0]))
    cells = np.linspace(0, weather[0].shape[1] - 1, CHECKED_CELLS).astype(int)
    worst = 0.0
    for cell in cells.tolist():
        f, p, d = 85.0, 6.0, 15.0
        for day, month in enumerate(months):
            t, h, w, r = (float(values[day, cell]) for values in weather)
            f = scalar.ffmc(f, t, h, w, r, c)
            p = scalar.dmc(p, t, h, r, float(day_length(LATITUDE, month)[0]))
            d = scalar.dc(d, t, r, float(drying_factor(LATITUDE, month)[0]))
            isi, bui = scalar.isi(f, w, c), scalar.bui(p, d)
            index = scalar.fwi(isi, bui)
            plain = dict(zip(codes, (f, p, d, isi, bui, index, 0.0272 * index**1.77), strict=True))
            worst = max(worst, *(abs(codes[name][day, cell] - value) / max(1, value) for name, value in plain.items()))
    return worst


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
