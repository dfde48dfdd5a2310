from itertools import pairwise

import pytest

from firewatch.dispatch import orders
from firewatch.dispatch.models import OrderState
from firewatch.errors import Conflict
from firewatch.incidents import lifecycle
from firewatch.incidents.models import IncidentState as S
from firewatch.resources import status
from firewatch.resources.models import ResourceStatus

LIFE = [S.REPORTED, S.VERIFIED, S.RESPONDING, S.FLAMES_OUT, S.MOP_UP, S.GUARDING, S.ACCEPTED, S.CLOSED]
MAY = {
    *pairwise(LIFE),
    (S.REPORTED, S.RESPONDING),
    (S.REPORTED, S.FALSE_ALARM),
    (S.VERIFIED, S.FALSE_ALARM),
    (S.RESPONDING, S.FALSE_ALARM),
    (S.FLAMES_OUT, S.RESPONDING),
    (S.MOP_UP, S.RESPONDING),
    (S.GUARDING, S.RESPONDING),
}


@pytest.mark.parametrize("old", S)
@pytest.mark.parametrize("new", S)
def test_only_the_steps_of_the_law_are_allowed(old: S, new: S) -> None:
    if (old, new) in MAY:
        lifecycle.check(old, new)
    else:
        with pytest.raises(Conflict, match=f"{old} cannot become {new}"):
            lifecycle.check(old, new)


def test_what_has_ended_stays_ended() -> None:
    assert {S.CLOSED, S.FALSE_ALARM} == lifecycle.ENDED
    assert set(S) == lifecycle.ENDED | lifecycle.OPEN
    assert not lifecycle.ENDED & lifecycle.OPEN
    assert not any(lifecycle.NEXT[state] for state in lifecycle.ENDED)


def test_every_fire_can_come_to_an_end() -> None:
    for start in S:
        reached, edge = {start}, [start]
        while edge:
            new = [state for state in lifecycle.NEXT[edge.pop()] if state not in reached]
            reached |= set(new)
            edge += new
        assert reached & lifecycle.ENDED


def test_orders_and_resources_have_a_step_for_every_state() -> None:
    assert set(orders.NEXT) == set(OrderState)
    assert set(status.NEXT) == set(ResourceStatus)
    assert all(ResourceStatus.OUT_OF_SERVICE in nexts for old, nexts in status.NEXT.items() if old != "out_of_service")
