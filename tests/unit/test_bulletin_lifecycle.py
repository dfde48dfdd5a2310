"""Which state of a bulletin may follow which."""

import pytest

from firewatch.bulletins.lifecycle import NEXT, BulletinState, check
from firewatch.errors import Conflict


@pytest.mark.parametrize("old", BulletinState)
@pytest.mark.parametrize("new", BulletinState)
def test_only_what_is_written_down_may_follow(old: BulletinState, new: BulletinState) -> None:
    if new in NEXT[old]:
        check(old, new)
        return
    with pytest.raises(Conflict, match=f"a bulletin that is {old} cannot become {new}"):
        check(old, new)


def test_nothing_that_was_published_is_ever_dropped() -> None:
    assert BulletinState.DROPPED not in NEXT[BulletinState.ISSUED]
    assert NEXT[BulletinState.DROPPED] == NEXT[BulletinState.REPLACED] == ()
