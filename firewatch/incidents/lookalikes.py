"""Fires that a report may double: shown to whoever reports before it is written, for him to choose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from firewatch.geo import great_circle_km, initial_bearing_deg
from firewatch.incidents import intake, lifecycle
from firewatch.incidents.models import Incident
from firewatch.rulebook.read import Rulebook


@dataclass(frozen=True)
class Lookalike:
    """A fire near the place of a report: how far from there, and in which direction (0 is north, 90 east)."""

    incident: Incident
    km: float
    bearing_deg: float

    @property
    def over(self) -> bool:
        """Whether nothing can be added to it any more."""
        return self.incident.state in lifecycle.ENDED


@dataclass(frozen=True)
class Lookalikes:
    """What lies near, the nearest first, and which of it the rule would take a report to; None: a new fire."""

    fires: list[Lookalike]
    rule: int | None

    @property
    def numbers(self) -> list[int]:
        """All of the fires."""
        return [fire.incident.id or 0 for fire in self.fires]

    @property
    def open(self) -> list[int]:
        """Those that a report may be added to."""
        return [fire.incident.id or 0 for fire in self.fires if not fire.over]


def lookalikes(
    session: Session,
    book: Rulebook,
    lat: float,
    lon: float,
    reported_at: datetime,
    now: datetime,
    unsure_km: float = 0.0,
) -> Lookalikes:
    """Return the fires that are open, or were lately, near a place, and what the rule makes of a report from there.

    A place that is known to within `unsure_km` only has everything near it that far around.
    """
    rule = intake.by_the_rule(session, book, lat, lon, reported_at)
    lately = now - timedelta(hours=book.dispatch.nearby_ended_hours)
    query = select(Incident).where(
        or_(col(Incident.state).in_(sorted(lifecycle.OPEN)), col(Incident.closed_at) > lately)
    )
    fires = [
        Lookalike(
            fire,
            great_circle_km(lat, lon, fire.lat, fire.lon),
            initial_bearing_deg(lat, lon, fire.lat, fire.lon),
        )
        for fire in session.exec(query)
    ]
    near = [each for each in fires if each.km <= max(book.dispatch.nearby_km, unsure_km) or each.incident.id == rule]
    return Lookalikes(sorted(near, key=lambda each: (each.km, each.incident.id)), rule)
