"""What a shift of the duty roster has to hold to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(days=8)
"""A shift that is longer is a slip of the pen: a wrong month, a wrong year."""


YEARS: Final = (2000, 2100)
"""From the first until before the last: the years a roster is kept for."""


@dataclass(frozen=True, order=True)
class Span:
    """A shift as a value: who, from when until before when (aware instants)."""

    from_at: datetime
    to_at: datetime
    contact_id: str

    def as_json(self) -> dict[str, str]:
        """Return it as the record keeps it."""
        return {"contact": self.contact_id, "from": self.from_at.isoformat(), "to": self.to_at.isoformat()}

    @classmethod
    def of_json(cls, kept: Mapping[str, str]) -> "Span":
        """Return one that the record kept."""
        return cls(datetime.fromisoformat(kept["from"]), datetime.fromisoformat(kept["to"]), kept["contact"])


@dataclass(frozen=True)
class Wrong:
    """Why a shift cannot be: `what` is a catalogue key roster.problem.<what>; `other` is what it runs into."""

    what: str
    span: Span
    other: Span | None = None


def wrong(span: Span, others: Iterable[Span], people: Iterable[str]) -> Wrong | None:
    """Return what is wrong with a shift beside others, when only `people` may have any; None when nothing is."""
    if span.contact_id not in set(people):
        return Wrong("nobody", span)
    if span.to_at <= span.from_at:
        return Wrong("backwards", span)
    if span.to_at - span.from_at > LONGEST:
        return Wrong("too_long", span)
    for other in others:
        if other.contact_id == span.contact_id and other.from_at < span.to_at and span.from_at < other.to_at:
            return Wrong("overlap", span, other)
    return None
