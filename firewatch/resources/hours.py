"""Time worked and the rest it asks for. Pure.

Work goes from setting out to being back, the way there and home included. What was worked adds up until there have been
enough hours off in one piece; shorter breaks make up for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Spell:
    """One spell of work; `ended_at` is None while it lasts."""

    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Limits:
    """How much may be worked before people must rest, and how much rest in one piece makes up for it."""

    work: timedelta
    rest: timedelta


def worked(spells: Sequence[Spell], now: datetime, limits: Limits) -> timedelta:
    """Return what was worked since the last whole rest; `spells` stand in the order of time and do not overlap."""
    total, after = timedelta(), now
    for spell in reversed(spells):
        end = spell.ended_at or now
        if after - end >= limits.rest:
            break
        total += end - spell.began_at
        after = spell.began_at
    return total


def must_rest_until(spells: Sequence[Spell], now: datetime, limits: Limits) -> datetime | None:
    """Return until when people must rest, None while they may work on; who still works could begin to rest now."""
    if worked(spells, now, limits) < limits.work:
        return None
    return (spells[-1].ended_at or now) + limits.rest
