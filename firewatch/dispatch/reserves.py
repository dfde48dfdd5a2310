"""How many people must stay within reach of each zone: more where the day's danger is greater."""

from sqlmodel import Session

from firewatch.clock import Clock, local_day
from firewatch.danger.assess import grades_on
from firewatch.dispatch import problem as p
from firewatch.rulebook.read import Rulebook


def of_today(session: Session, clock: Clock, book: Rulebook) -> list[p.Reserve]:
    """Return the reserves that today's grades ask for, by zone; a zone that nobody has assessed counts as no data."""
    grades = grades_on(session, local_day(clock.now(), book.alliance.tz), book.danger.scheme)
    found = []
    for zone in book.zones:
        grade = grades[zone.id].grade if zone.id in grades else 0
        rule = book.dispatch.reserve_at(grade)
        if rule is not None:
            found.append(p.Reserve(zone.id, place(zone.id), rule.people, rule.within_minutes, rule.weight))
    return found


def place(zone_id: str) -> str:
    """Return the name of a zone's place in a problem."""
    return f"zone:{zone_id}"
