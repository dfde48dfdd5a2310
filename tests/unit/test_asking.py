"""How the places to look at are chosen: few are asked about, and the answer is that of asking about every one."""

from hypothesis import given
from hypothesis import strategies as st

from firewatch.dispatch.asking import first_that_does, first_that_may

PLACES = st.integers(0, 300)


@given(PLACES, PLACES, PLACES, st.booleans())
def test_the_first_place_that_may(low: int, more: int, first: int, last: bool) -> None:
    end = low + more
    asked: list[int] = []

    def may(place: int) -> bool:
        assert low <= place < end
        asked.append(place)
        return place >= first

    known = last and more > 0 and first < end  # the last place may
    assert first_that_may(low, end, may, last=known) == min(max(low, first), end)
    assert len(asked) <= 2 * end.bit_length() + 2


@given(st.integers(2, 300))
def test_where_the_last_place_is_the_first_that_may_two_are_asked_about_at_the_most(end: int) -> None:
    asked: list[int] = []

    def may(place: int) -> bool:
        asked.append(place)
        return place == end - 1

    assert first_that_may(0, end, may, last=True) == end - 1
    assert len(asked) <= 2


@given(PLACES, PLACES, PLACES)
def test_the_first_place_that_does(low: int, more: int, first: int) -> None:
    end = low + more
    found = first_that_does(low, end, lambda place: max(low, first) if place >= first else None)
    assert found == (max(low, first) if first < end and more else None)
