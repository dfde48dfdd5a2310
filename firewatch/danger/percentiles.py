"""FWI thresholds from the archive: percentiles of the in-season days, zone by zone and for the alliance.

Counted are days that are over and known: no bridged day, none without a value, none of the spin-up. What stands behind
a figure is told with it; with too little, or where the percentiles do not rise, there is a reason and no figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
from sqlmodel import Session, col, select

from firewatch.danger import season
from firewatch.danger.models import PointDay
from firewatch.rulebook.danger import Danger, Percentiles, Thresholds
from firewatch.rulebook.read import Rulebook

LEFT_OUT = frozenset({"bridged", "no_value", "spin_up", season.OFF_SEASON, season.FWI_RESTS})
INDICES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")
ALLIANCE = ""
"""In place of a zone's id: the points of all zones together."""


@dataclass(frozen=True)
class Figure:
    """What the archive says of a zone; `thresholds` None: nothing that may be used, and `problem` tells why."""

    zone_id: str
    days: int
    seasons: int
    first: date | None
    last: date | None
    thresholds: Thresholds | None
    problem: str = ""


def figures(session: Session, book: Rulebook, rules: Percentiles) -> list[Figure]:
    """Return the figures of the alliance and of every zone, in this order."""
    counted = _counted(session, book, ("fwi",))["fwi"]
    whole = [(on, value) for zone in book.zones for on, value in counted[zone.id]]
    alliance = _figure(book.danger, rules, ALLIANCE, whole)
    zones = [_figure(book.danger, rules, zone.id, counted[zone.id]) for zone in book.zones]
    if not alliance.problem and (short := [each for each in zones if _too_few(rules, each.days, each.seasons)]):
        # Thresholds of all count as found here in every zone: not where next to nothing of a zone is among them.
        alliance = replace(alliance, problem=f"not every zone stands behind it: {short[0].zone_id} has too few days")
    return [alliance, *zones]


@dataclass(frozen=True)
class Standing:
    """Where a zone's FWI stands among the in-season days on record."""

    days: int
    first: date | None
    levels: Mapping[str, Sequence[float]]
    """Of each FWI index the values at the levels of the rules; empty where there are too few days."""
    share: float | None
    """Of the days whose FWI was no higher, 0 to 1; None where it cannot be said."""


def standing(session: Session, book: Rulebook, zone_id: str, fwi: float | None) -> Standing:
    """Return where an FWI stands in a zone. With too few days on record nothing is said but how many there are."""
    rules = book.danger.percentiles
    known = {index: found[zone_id] for index, found in _counted(session, book, INDICES, zone_id).items()}
    days = sorted({on for on, _ in known["fwi"]})
    first = days[0] if days else None
    if _too_few(rules, len(days), len({season_year(book.danger, on) for on in days})):
        return Standing(len(days), first, {}, None)
    values = [value for _, value in known["fwi"]]
    share = None if fwi is None else sum(value <= fwi for value in values) / len(values)
    levels = {index: _levels(rules, (value for _, value in found)) for index, found in known.items() if found}
    return Standing(len(days), first, levels, share)


def season_year(danger: Danger, on: date) -> int:
    """Return the year in which the season of a day began: one that runs over New Year is one season."""
    over = [window.first for window in danger.season.window if window.last < window.first]
    if danger.season.rule != "calendar" or not over:
        return on.year
    return on.year if (on.month, on.day) >= min(over) else on.year - 1


def _counted(
    session: Session, book: Rulebook, indices: Sequence[str], zone_id: str | None = None
) -> dict[str, dict[str, list[tuple[date, float]]]]:
    """Return the days that count, with their values: by index, then by zone; of one zone alone if it is named."""
    columns = [col(getattr(PointDay, index)) for index in indices]
    query = select(col(PointDay.zone_id), col(PointDay.on), col(PointDay.flags), *columns).where(
        col(PointDay.provisional).is_(False),
        col(PointDay.point_id).in_(list(book.points)),
        # Values of the other moisture scale are another index.
        PointDay.constant == book.danger.constant,
    )
    if zone_id is not None:
        query = query.where(PointDay.zone_id == zone_id)
    zones = [zone.id for zone in book.zones]
    found: dict[str, dict[str, list[tuple[date, float]]]] = {index: {each: [] for each in zones} for index in indices}
    in_order = query.order_by(col(PointDay.on), col(PointDay.point_id))
    for zone, on, flags, *values in session.execute(in_order):
        # The calendar of today's rulebook, not that of the day on which the row was written.
        if zone not in zones or LEFT_OUT & set(flags.split(";")) or not season.by_calendar(book.danger, on, zone):
            continue
        for index, value in zip(indices, values, strict=True):
            if value is not None:
                found[index][zone].append((on, float(value)))
    return found


def _figure(danger: Danger, rules: Percentiles, zone_id: str, values: Sequence[tuple[date, float]]) -> Figure:
    days = sorted({on for on, _ in values})
    seasons = len({season_year(danger, on) for on in days})
    first, last = (days[0], days[-1]) if days else (None, None)
    thresholds, problem = None, _too_few(rules, len(days), seasons)
    if days:
        thresholds = _levels(rules, (value for _, value in values))
        if not all(low < high for low, high in pairwise((0.0, *thresholds))):
            problem = f"the percentiles {', '.join(map(str, thresholds))} do not rise from above 0"
            thresholds = None
    return Figure(zone_id, len(days), seasons, first, last, thresholds, problem)


def _levels(rules: Percentiles, values: Iterable[float]) -> Thresholds:
    found = np.percentile(np.fromiter(values, dtype=np.float64), rules.levels)
    one, two, three, four = (round(float(value), 1) for value in found)
    return one, two, three, four


def _too_few(rules: Percentiles, days: int, seasons: int) -> str:
    if days < rules.min_days:
        return f"{days} days are fewer than {rules.min_days}"
    if seasons < rules.min_seasons:
        return f"{seasons} seasons are fewer than {rules.min_seasons}"
    return ""
