"""Bearings from lookouts on the form for reporting a fire: two rows, read into a fix or into what is wrong."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from firewatch.incidents import bearings
from firewatch.incidents.bearings import Fix, NoFix, Sight, Trouble
from firewatch.rulebook.dispatch import Dispatch, Lookout
from firewatch.web.console.fields import degrees, split_pair
from firewatch.web.console.speech import Speech

ROWS = (1, 2)
NAMES = ("lookout", "from", "bearing", "km")
MAGNETIC = "magnetic"
FIELDS = (*(f"{name}{row}" for row in ROWS for name in NAMES), "north")
ERRORS = ("stand", "bearing", "km", "both", *Trouble)
"""Catalogue keys: report.sights_error.<error>."""


@dataclass(frozen=True)
class Sights:
    """The rows as typed; a fix, or an error of ERRORS, or neither where all rows are empty."""

    values: Mapping[str, str]
    fix: Fix | None = None
    error: str = ""
    note: str = ""
    """What goes on the record with the report."""

    @property
    def token(self) -> str:
        """Stands for the fix: who has seen this one need not be shown it again."""
        return f"{self.fix.lat:.5f} {self.fix.lon:.5f} {self.fix.major_km:.3f}" if self.fix else ""


class _Wrong(ValueError):
    """One of ERRORS."""


def read(fields: Mapping[str, str], rules: Dispatch, speech: Speech, *, placed: bool) -> Sights:
    """Read the rows; `placed` says that coordinates of the fire are given besides."""
    values = {name: fields.get(name, "") for name in FIELDS}
    filled = [row for row in ROWS if any(values[f"{name}{row}"].strip() for name in NAMES)]
    if not filled:
        return Sights(values)
    if placed:
        return Sights(values, error="both")
    try:
        stands = [_stand(values, row, rules, speech) for row in filled]
        sights = [_sight(values, row, rules, lat, lon) for row, (_, lat, lon) in zip(filled, stands, strict=True)]
        fix = bearings.fix(sights, rules.bearing_error_deg)
    except _Wrong as wrong:
        return Sights(values, error=str(wrong))
    except NoFix as wrong:
        return Sights(values, error=wrong.trouble)
    seen = [f"{name} {sight.bearing_deg:.1f}°" for (name, _, _), sight in zip(stands, sights, strict=True)]
    note = speech.t("report.fix_note", sights="; ".join(seen), km=speech.number(fix.major_km))
    return Sights(values, fix, note=note)


def _stand(values: Mapping[str, str], row: int, rules: Dispatch, speech: Speech) -> tuple[str, float, float]:
    """Return the name and the place of a lookout: one of the list, or typed coordinates."""
    typed, chosen = values[f"from{row}"].strip(), values[f"lookout{row}"]
    if typed:
        lat, lon = (degrees(part) for part in split_pair(typed, ""))
        if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
            raise _Wrong("stand")
        return f"{lat:.4f}, {lon:.4f}", lat, lon
    known: Lookout | None = next((each for each in rules.lookout if each.id == chosen), None)
    if known is None:
        raise _Wrong("stand")
    return speech.named(known), known.lat, known.lon


def _sight(values: Mapping[str, str], row: int, rules: Dispatch, lat: float, lon: float) -> Sight:
    bearing = _number(values[f"bearing{row}"])
    if bearing is None or not 0 <= bearing <= 360:
        raise _Wrong("bearing")
    if values["north"] == MAGNETIC:
        if rules.declination_deg is None:
            raise _Wrong("bearing")
        bearing = bearings.true_bearing_deg(bearing, rules.declination_deg)
    km = _number(values[f"km{row}"])
    if values[f"km{row}"].strip() and (km is None or not 0 < km <= bearings.REACH_KM):
        raise _Wrong("km")
    return Sight(lat, lon, bearing, km)


def _number(text: str) -> float | None:
    value = degrees(unicodedata.normalize("NFKC", text))
    return value if value is not None and math.isfinite(value) else None
