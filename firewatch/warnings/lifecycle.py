"""The life of a version of a warning: which state may follow which. Pure.

Nothing is overwritten: a warning that is raised, lowered or prolonged gets a new version, drafted, approved and issued
like the first, and the version before it becomes `updated`. Everything that moves a version asks this module.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from firewatch.errors import Conflict


class WarningState(StrEnum):
    """How a version stands."""

    DRAFT = "draft"  # proposed; it waits for a named approver
    APPROVED = "approved"  # released by somebody named, not yet issued
    ISSUED = "issued"  # in force
    UPDATED = "updated"  # a newer version took its place
    LIFTED = "lifted"  # no warning is in force any more
    REJECTED = "rejected"  # an officer said no, and why
    WITHDRAWN = "withdrawn"  # approved, then taken back
    SUPERSEDED = "superseded"  # a newer assessment took its place before it was issued


_S = WarningState
NEXT: Final[Mapping[WarningState, tuple[WarningState, ...]]] = MappingProxyType(
    {
        _S.DRAFT: (_S.APPROVED, _S.REJECTED, _S.SUPERSEDED),
        # A version that lifts goes straight to its end: there is nothing of it to be in force.
        _S.APPROVED: (_S.ISSUED, _S.LIFTED, _S.WITHDRAWN, _S.SUPERSEDED),
        _S.ISSUED: (_S.UPDATED, _S.LIFTED),
        _S.UPDATED: (),
        _S.LIFTED: (),
        _S.REJECTED: (),
        _S.WITHDRAWN: (),
        _S.SUPERSEDED: (),
    }
)
OPEN: Final = (_S.DRAFT, _S.APPROVED)
"""States in which a version waits for somebody; a zone has one such at most."""


def check(old: WarningState, new: WarningState) -> None:
    """Raise Conflict when `new` may not follow `old`."""
    if new not in NEXT[old]:
        allowed = ", ".join(NEXT[old]) or "nothing"
        raise Conflict(f"a warning that is {old} cannot become {new}; it may become: {allowed}")
