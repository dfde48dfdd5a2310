"""Commands on fire danger. Each imports only what it needs: none wants a web server."""

import argparse
import sys
from pathlib import Path

from firewatch.commands.parsing import Commands, add, group


def register(commands: Commands) -> None:
    """Add danger."""
    danger = group(commands, "danger", "fire danger: indices of a file", "INDEX")
    fwi = add(danger, "fwi", _danger_fwi, "the FWI System: id,lat,long,yr,mon,day,temp,rh,ws,prec")
    fwi.add_argument("file", metavar="FILE.csv", type=Path)
    fwi.add_argument("--constant", choices=("vw1985", "exact"), default="vw1985", help="of the FFMC scale")
    lyt = add(danger, "lyt1172", _danger_lyt, "LY/T 1172-1995: date,tmax_c,rhmin_pct,rain_mm,windmax_ms,green_pct,...")
    lyt.add_argument("file", metavar="FILE.csv", type=Path)


def _danger_fwi(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import fwi_file

    fwi_file(given.file, sys.stdout, given.constant)
    return 0


def _danger_lyt(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import lyt1172_file

    lyt1172_file(given.file, sys.stdout)
    return 0
