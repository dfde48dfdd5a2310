"""What a test of the ways to people showed: counts and medians, by whatever the people are grouped by. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median


@dataclass(frozen=True)
class Asked:
    """How it went with one person; what did not happen is None."""

    agency: str
    carrier: str
    channel: str
    written_at: datetime | None
    """When the text was written; None: there was none."""
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class Group:
    """People together. Medians are in seconds since the text was written, over those of whom it is known."""

    name: str
    asked: int
    sent: int
    delivered: int
    acknowledged: int
    delivery_seconds: float | None
    answer_seconds: float | None


def grouped(people: Iterable[Asked], by: Callable[[Asked], str]) -> list[Group]:
    """Return the people in groups, by name."""
    groups: dict[str, list[Asked]] = {}
    for person in people:
        groups.setdefault(by(person), []).append(person)
    return [_group(name, groups[name]) for name in sorted(groups)]


def carrier_of(phone: str, prefixes: Mapping[str, str]) -> str:
    """Return whose number it is: of the prefixes it begins with the longest tells; an empty name where none does."""
    fitting = [prefix for prefix in prefixes if phone.startswith(prefix)]
    return prefixes[max(fitting, key=len)] if fitting else ""


def _group(name: str, people: Sequence[Asked]) -> Group:
    return Group(
        name=name,
        asked=len(people),
        sent=sum(person.handed_over_at is not None for person in people),
        delivered=sum(person.delivered_at is not None for person in people),
        acknowledged=sum(person.acknowledged_at is not None for person in people),
        delivery_seconds=_median(people, lambda person: person.delivered_at),
        answer_seconds=_median(people, lambda person: person.acknowledged_at),
    )


def _median(people: Sequence[Asked], end: Callable[[Asked], datetime | None]) -> float | None:
    spans = [
        (ended - person.written_at).total_seconds()
        for person in people
        if (ended := end(person)) is not None and person.written_at is not None
    ]
    return median(spans) if spans else None
