"""The life of a fire: which state may follow which. Pure."""

from collections.abc import Mapping
from typing import Final

from firewatch.errors import Conflict
from firewatch.incidents.models import IncidentState as S

NEXT: Final[Mapping[S, tuple[S, ...]]] = {
    S.REPORTED: (S.VERIFIED, S.RESPONDING, S.FALSE_ALARM),
    S.VERIFIED: (S.RESPONDING, S.FALSE_ALARM),
    # Orders go out before anybody has seen the fire: those who come may find that there is none (ADR 0002).
    S.RESPONDING: (S.FLAMES_OUT, S.FALSE_ALARM),
    # A fire that flares up again goes back to responding.
    S.FLAMES_OUT: (S.MOP_UP, S.RESPONDING),
    S.MOP_UP: (S.GUARDING, S.RESPONDING),
    S.GUARDING: (S.ACCEPTED, S.RESPONDING),
    S.ACCEPTED: (S.CLOSED,),
    S.CLOSED: (),
    S.FALSE_ALARM: (),
}
ENDED: Final = frozenset({S.CLOSED, S.FALSE_ALARM})
OPEN: Final = frozenset(S) - ENDED
BURNING: Final = frozenset({S.REPORTED, S.VERIFIED, S.RESPONDING})
"""States in which a report from nearby is of the same fire; once the flames are out it is a new one."""


def check(old: S, new: S) -> None:
    """Raise Conflict when `new` may not follow `old`."""
    if new not in NEXT[old]:
        allowed = ", ".join(NEXT[old]) or "nothing"
        raise Conflict(f"an incident that is {old} cannot become {new}; it may become: {allowed}")
