"""The situation for a screen on the wall: what a few people see from across the room, and nothing to press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup
from sqlmodel import Session

from firewatch.hotspots import poll, tickets
from firewatch.incidents.progress import open_incidents
from firewatch.messaging.alarms import open_alarms
from firewatch.web.console import situation_map, situation_view
from firewatch.web.console.fires import load_fires
from firewatch.web.console.page import Page
from firewatch.web.console.situation_view import FireCard, GradeRow
from firewatch.web.console.speech import load_names
from firewatch.web.console.told import told

MOST_FIRES: Final = 3
MOST_ALARMS: Final = 2
"""As many as fit: nothing scrolls on a wall, and what is left out is counted."""


@dataclass(frozen=True)
class Age:
    """A source and when it spoke last; None: never."""

    name: str
    at: datetime | None
    old: bool


@dataclass(frozen=True)
class WallView:
    """Everything on the wall."""

    map: Markup
    fires: Sequence[FireCard]
    fires_in_all: int
    alarms: Sequence[tuple[str, datetime]]
    alarms_in_all: int
    grades: Sequence[GradeRow]
    scheme: str
    ages: Sequence[Age]
    second_of_day: int
    """Of the local day: from it the page's own clock goes on."""
    speed: float
    """How many times as fast as the wall's the service's clock runs."""


def build(session: Session, page: Page) -> WallView:
    """Read the present situation."""
    services, speech = page.services, page.speech
    names = load_names(session, services.book, speech)
    fires = open_incidents(session)
    known = load_fires(session, fires)
    cards = sorted((situation_view.fire_card(known, names, fire) for fire in fires), key=situation_view.urgency)
    zones, alarms = situation_map.zones_today(session, page), open_alarms(session)
    grades = situation_view.grade_rows(services.book, names, zones, {})
    local, wall_second = speech.now.astimezone(speech.zone), services.clock.real_seconds(timedelta(seconds=1))
    return WallView(
        map=situation_map.draw(session, page, names, fires, known, zones, wall=True),
        fires=cards[:MOST_FIRES],
        fires_in_all=len(cards),
        alarms=[
            (told(speech, names, "alarm", alarm.kind, alarm.params), alarm.raised_at) for alarm in alarms[:MOST_ALARMS]
        ],
        alarms_in_all=len(alarms),
        grades=grades,
        scheme=services.book.danger.scheme,
        ages=_ages(session, page, grades),
        second_of_day=local.hour * 3600 + local.minute * 60 + local.second,
        speed=1 / wall_second if wall_second else 0.0,
    )


def _ages(session: Session, page: Page, grades: Sequence[GradeRow]) -> list[Age]:
    """Return how old everything is: weather, grades, satellites, the sheet for a night without the machine."""
    services, speech = page.services, page.speech
    feeds = situation_view.feeds(session, page)
    assessed = [row.grade.assessed_at if row.grade else None for row in grades]
    oldest = None if None in assessed else min((at for at in assessed if at), default=None)
    found = [Age(speech.t("wall.weather", source=row.feed.source), row.feed.newest_valid_at, row.old) for row in feeds]
    found.append(Age(speech.t("wall.grades"), oldest, oldest is None or speech.now - oldest > timedelta(days=1)))
    satellites = tickets.sources(session) if services.hotspots_on else []
    found += [
        Age(row.source, row.last_answered_at, poll.is_silent(row, speech.now, services.book)) for row in satellites
    ]
    if not satellites:
        found.append(Age(speech.t("wall.satellites"), None, old=False))
    if services.night_sheets is not None:
        sheets = services.night_sheets
        found.append(Age(speech.t("wall.night_sheet"), sheets.made_at(), sheets.is_old()))
    return found
