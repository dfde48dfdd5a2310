"""Where somebody is taken to be: seen there, at home, or wherever he was seen last."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.geo import great_circle_km
from firewatch.resources.whereabouts import Basis, Belief, Fix, Whereabouts, are_apart, whereabouts

NOW = datetime(2026, 4, 1, 4, tzinfo=UTC)
HOME = (35.372, 103.706)
AWAY = (35.300, 103.650)
NEAR = (35.376, 103.706)  # 440 m
BELIEF = Belief(timedelta(minutes=15), 1.0)
PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def seen(place: tuple[float, float], minutes: float) -> Fix:
    return Fix(place, NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("fix", "at_work", "place", "basis"),
    [
        (None, False, HOME, Basis.NO_FIX),
        (None, True, HOME, Basis.NO_FIX),
        (seen(AWAY, 0), False, AWAY, Basis.FRESH),
        (seen(AWAY, 15), False, AWAY, Basis.FRESH),
        (seen(AWAY, 15.01), False, HOME, Basis.OLD),
        (seen(AWAY, 180), False, HOME, Basis.OLD),
        (seen(AWAY, 180), True, AWAY, Basis.LAST_KNOWN),
        (seen(AWAY, 5), True, AWAY, Basis.FRESH),
        (seen(NEAR, 5), False, HOME, Basis.AT_HOME),
        (seen(NEAR, 5), True, HOME, Basis.AT_HOME),
        (seen(NEAR, 180), False, HOME, Basis.OLD),
    ],
)
def test_a_position_is_believed_for_its_time(
    fix: Fix | None, at_work: bool, place: tuple[float, float], basis: Basis
) -> None:
    assert whereabouts(HOME, fix, NOW, BELIEF, at_work=at_work) == Whereabouts(place, basis)


@given(PLACES, PLACES, st.floats(-60, 600), st.booleans())
def test_nobody_is_anywhere_but_at_home_or_where_he_was_seen(
    home: tuple[float, float], place: tuple[float, float], age: float, at_work: bool
) -> None:
    found = whereabouts(home, seen(place, age), NOW, BELIEF, at_work=at_work)
    assert found.place in (home, place)
    assert (found.place == home) or found.basis in (Basis.FRESH, Basis.LAST_KNOWN)
    if found.basis is Basis.FRESH:
        assert are_apart(home, place, BELIEF.margin_km)


@given(PLACES, PLACES)
def test_the_margin_itself_is_not_apart(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert not are_apart(one, other, great_circle_km(*one, *other))
    assert are_apart(one, other, great_circle_km(*one, *other) - 0.001)
