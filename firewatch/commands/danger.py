"""Commands on fire danger. Each imports only what it needs: none wants a web server."""

import argparse
import sys
from pathlib import Path

from firewatch.commands import grid, percentiles
from firewatch.commands.parsing import Commands, add, group


def register(commands: Commands) -> None:
    """Add danger."""
    danger = group(commands, "danger", "fire danger: indices of a file", "INDEX")
    fwi = add(danger, "fwi", _danger_fwi, "the FWI System: id,lat,long,yr,mon,day,temp,rh,ws,prec")
    fwi.add_argument("file", metavar="FILE.csv", type=Path)
    fwi.add_argument("--constant", choices=("vw1985", "exact"), default="vw1985", help="of the FFMC scale")
    lyt = add(danger, "lyt1172", _danger_lyt, "LY/T 1172-1995: date,tmax_c,rhmin_pct,rain_mm,windmax_ms,green_pct,...")
    lyt.add_argument("file", metavar="FILE.csv", type=Path)
    _register_further(danger)
    add(danger, "conformance", _danger_conformance, "every index beside published figures and, if installed, xclim")
    percentiles.register(danger)
    grid.register(danger)


def _register_further(danger: Commands) -> None:
    for name, meaning in _FURTHER.items():
        command = add(danger, name, _danger_further, meaning)
        command.set_defaults(scheme=name)
        command.add_argument("file", metavar="FILE.csv", type=Path)
        if name in {"kbdi", "ffdi"}:
            command.add_argument("--annual-rain", metavar="MM", type=float, help="mean annual rain of the place")
            command.add_argument("--start", metavar="MM", type=float, help="soil deficit (KBDI) the day before")


# Beside the schemes of danger/csv_further.py, so that no command waits for numpy; a test compares the two.
_FURTHER = {
    "kbdi": "Keetch-Byram Drought Index: date,tmax_c,rain_mm and --annual-rain",
    "ffdi": "McArthur's FFDI Mark 5: date,temp_c,rh_pct,wind_kmh,tmax_c,rain_mm and --annual-rain",
    "nesterov": "Nesterov's ignition index: date,temp_c,rh_pct,rain_mm",
    "angstrom": "the Ångström index (small is dangerous): date,temp_c,rh_pct",
    "fosberg": "the Fosberg Fire Weather Index: date,temp_c,rh_pct,wind_kmh",
}


def _danger_further(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_further import Options, scheme_file

    options = vars(given)
    scheme_file(given.scheme, given.file, sys.stdout, Options(options.get("annual_rain"), options.get("start")))
    return 0


def _danger_fwi(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import fwi_file

    fwi_file(given.file, sys.stdout, given.constant)
    return 0


def _danger_lyt(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import lyt1172_file

    lyt1172_file(given.file, sys.stdout)
    return 0


def _danger_conformance(_: argparse.Namespace) -> int:
    import itertools

    from firewatch.danger.conformance_report import report
    from firewatch.danger.conformance_tables import table_cases
    from firewatch.danger.conformance_xclim import installed, xclim_cases

    remark = "" if installed() else "xclim is not installed: not compared with it"
    return report(sys.stdout, itertools.chain(table_cases(), xclim_cases()), remark=remark)
