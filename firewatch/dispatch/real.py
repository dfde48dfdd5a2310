"""What is served at any time put into real trips: the resources that an answer picks, by the trips they can make."""

from collections.abc import Mapping, Sequence

import numpy as np

from firewatch.dispatch.alike import Pool
from firewatch.dispatch.asking import Ask, Search, made_by, solved
from firewatch.dispatch.cover import Sent
from firewatch.dispatch.made import Made
from firewatch.dispatch.tours import TooMany, Tours, helpful, tours, undominated

NEAR_ENOUGH = 0.5
ENOUGH = 0.5
"""How far from the nearest and from the shortest a set of trips may be that only shows that there is one."""
FAR = 480.0
"""Minutes; where a cut list begins to be tried."""
NARROW = 1.25
"""By how much it is made shorter from one try to the next."""


def real(state: Search, served: Sequence[Tours | None], held: Mapping[str, float]) -> Made | None:
    """Return real trips for fires served at any time; None when the nearest resources that would do go into none."""
    near = solved(state, served, nearest(), held)
    return None if near.made is None else put_into_trips(state, served, near, held)


def nearest(share: float = 1.0) -> Ask:
    """Return the question for about the nearest resources, for a share of the seconds that are left."""
    return Ask("distance", NEAR_ENOUGH, share=share)


def put_into_trips(
    state: Search, served: Sequence[Tours | None], answer: Sent, held: Mapping[str, float], gap: float = ENOUGH
) -> Made | None:
    """Return trips of the resources of an answer for fires served at any time; None when they go into none.

    The sum of their minutes is at most a `gap` above the least, where that is found in time.
    """
    lists = [_chosen(state.pool, fire, answer) if each is None else each for fire, each in enumerate(served)]
    made = solved(state, lists, Ask("use", gap), held)
    return None if made.made is None else made_by(lists, made)


def _chosen(pool: Pool, fire: int, answer: Sent) -> Tours:
    found = tours(pool, fire, np.inf, answer.choices[fire])
    return undominated(pool, found.some(helpful(pool, fire, found)))


def listed(state: Search, served: Sequence[Tours | None]) -> tuple[list[Tours], bool]:
    """Return a list of trips for every fire, and whether it is complete: else it holds what is near."""
    lists, complete = [], True
    for fire, each in enumerate(served):
        if each is not None:
            lists.append(each)
            continue
        near, whole = _near(state, fire)
        lists.append(near)
        complete = complete and whole
    return lists, complete


def _near(state: Search, fire: int) -> tuple[Tours, bool]:
    try:
        return state.enough(fire, np.inf), True
    except TooMany:
        horizon = FAR
    while True:
        try:
            return state.enough(fire, horizon), False
        except TooMany:
            horizon /= NARROW
