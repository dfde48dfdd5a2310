"""The life of a version of a bulletin: which state may follow which. Pure.

Nothing is overwritten: a correction or a withdrawal is a new version, and the one before it becomes `replaced`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from firewatch.errors import Conflict


class BulletinState(StrEnum):
    """How a version stands."""

    DRAFT = "draft"  # waits for a signature
    ISSUED = "issued"  # what the public reads of its day
    REPLACED = "replaced"  # a newer version took its place
    DROPPED = "dropped"  # never signed: newer figures, or an officer said no


_S = BulletinState
NEXT: Final[Mapping[BulletinState, tuple[BulletinState, ...]]] = MappingProxyType(
    {
        _S.DRAFT: (_S.ISSUED, _S.DROPPED),
        _S.ISSUED: (_S.REPLACED,),
        _S.REPLACED: (),
        _S.DROPPED: (),
    }
)


def check(old: BulletinState, new: BulletinState) -> None:
    """Raise Conflict when `new` may not follow `old`."""
    if new not in NEXT[old]:
        allowed = ", ".join(NEXT[old]) or "nothing"
        raise Conflict(f"a bulletin that is {old} cannot become {new}; it may become: {allowed}")
