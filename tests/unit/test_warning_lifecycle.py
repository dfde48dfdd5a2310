"""The life of a version of a warning, as the table allows it."""

import pytest

from firewatch.errors import Conflict
from firewatch.warnings.lifecycle import NEXT, OPEN, WarningState, check


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(NEXT) == set(WarningState)
    assert {new for following in NEXT.values() for new in following} == set(WarningState) - {WarningState.DRAFT}


def test_the_straight_way() -> None:
    check(WarningState.DRAFT, WarningState.APPROVED)
    check(WarningState.APPROVED, WarningState.ISSUED)
    check(WarningState.ISSUED, WarningState.UPDATED)


def test_nothing_is_issued_without_approval() -> None:
    with pytest.raises(Conflict, match="approved, rejected"):
        check(WarningState.DRAFT, WarningState.ISSUED)
    assert [old for old, following in NEXT.items() if WarningState.ISSUED in following] == [WarningState.APPROVED]


@pytest.mark.parametrize("state", [state for state in WarningState if not NEXT[state]])
def test_what_is_over_stays_so(state: WarningState) -> None:
    assert state not in OPEN
    with pytest.raises(Conflict, match="nothing"):
        check(state, WarningState.ISSUED)
