"""Is it fire season in a zone on a day? By the calendar of the law, or by what the chain of days has found."""

from datetime import date

from sqlmodel import Session, col, select

from firewatch.danger.models import PointDay
from firewatch.indices.season import SeasonRule, calendar_covers
from firewatch.rulebook.danger import Danger
from firewatch.rulebook.read import Rulebook

OFF_SEASON = "off_season"
"""The day lies outside the season; under the calendar its grade is computed all the same."""
FWI_RESTS = "fwi_rests"
"""The FWI codes rest out of season: there is no grade, and no datum is missing."""
OVERWINTERED = "overwintered"
"""The first day of a season: DC began from the autumn's and the winter's rain."""
WINTER_RAIN_GAP = "winter_rain_gap"
"""Of that winter a day's rain is not known and was counted as none, the cautious side."""


def in_season(session: Session, book: Rulebook, on: date, zone_id: str) -> bool:
    """Return whether it is fire season in a zone; where nothing is on record yet it is, the cautious side.

    Under `thaw` and `snow` a zone is in season when any of its points is, on the newest day on record up to `on`.
    """
    rules = book.danger.season
    if rules.rule in ("calendar", "year_round"):
        return by_calendar(book.danger, on, zone_id)
    newest = select(col(PointDay.on)).where(PointDay.zone_id == zone_id, col(PointDay.on) <= on)
    day = session.exec(newest.order_by(col(PointDay.on).desc()).limit(1)).first()
    if day is None:
        return True
    rows = session.exec(select(PointDay).where(PointDay.zone_id == zone_id, PointDay.on == day))
    return any(FWI_RESTS not in row.flags.split(";") for row in rows)


def by_calendar(danger: Danger, on: date, zone_id: str) -> bool:
    """Return whether the calendar calls a day season in a zone; it says so of every day under any other rule."""
    if danger.season.rule != "calendar":
        return True
    return calendar_covers(danger.season.windows(zone_id), on)


def code_rule(danger: Danger) -> SeasonRule:
    """Return by what the FWI codes stop and begin again."""
    rules = danger.season
    kind = rules.rule if rules.rule in ("thaw", "snow") else "always"
    return SeasonRule(kind, rules.start_c, rules.end_c, danger.snow_cover_depth_cm)


def is_out_of_season(grade: int, flags: str) -> bool:
    """Return whether a row has no grade because its scheme rests out of season: this is not "no data"."""
    return grade == 0 and FWI_RESTS in flags.split(";")
