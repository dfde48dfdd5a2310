"""Which detections are one hot spot: a property of the set, whatever order rows and polls come in."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewatch.hotspots.cluster import Spot, clusters, covered, linked, strong_enough, summary
from firewatch.hotspots.models import Confidence

AT = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
KM = 1 / 111.195  # degrees of latitude

coordinates = st.integers(0, 60).map(lambda step: step * 0.004)
spots = st.lists(
    st.builds(
        lambda lat, lon, hours, confidence, frp: (35 + lat, 103 + lon, AT + timedelta(hours=hours), confidence, frp),
        coordinates,
        coordinates,
        st.integers(0, 40),
        st.sampled_from(Confidence),
        st.none() | st.floats(0, 500),
    ),
    max_size=30,
).map(lambda rows: [Spot(number, *row) for number, row in enumerate(rows)])


def spot(ident: int, km_north: float = 0, hours: float = 0, confidence: Confidence = Confidence.NOMINAL) -> Spot:
    return Spot(ident, 35.3 + km_north * KM, 103.6, AT + timedelta(hours=hours), confidence)


def test_near_in_space_and_time_is_one() -> None:
    assert clusters([spot(1), spot(2, 0.9, 11)], 1, 12) == [(spot(1), spot(2, 0.9, 11))]
    assert len(clusters([spot(1), spot(2, 1.1)], 1, 12)) == 2
    assert len(clusters([spot(1), spot(2, 0, 12.1)], 1, 12)) == 2


def test_a_line_of_neighbours_is_one_front() -> None:
    front = [spot(number, number * 0.8, number * 6) for number in range(10)]
    assert clusters(front, 1, 12) == [tuple(front)]


def test_one_that_lies_between_joins_two() -> None:
    west, east, between = spot(1), spot(2, 1.8), spot(3, 0.9)
    assert len(clusters([west, east], 1, 12)) == 2
    assert clusters([east, between, west], 1, 12) == [(west, east, between)]


@given(spots, st.randoms(use_true_random=False))
def test_no_order_changes_anything(rows: list[Spot], chance: Random) -> None:
    found = clusters(rows, 1, 12)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert clusters([*shuffled, *rows], 1, 12) == found, "nor does saying it twice"
    for group in found:
        backwards = list(reversed(group))
        assert summary(backwards) == summary(group)


@given(spots)
def test_clusters_are_what_is_linked(rows: list[Spot]) -> None:
    found = clusters(rows, 1, 12)
    assert sorted(each.ident for group in found for each in group) == [each.ident for each in rows]
    home = {each.ident: number for number, group in enumerate(found) for each in group}
    for one in rows:
        for other in rows:
            if linked(one, other, 1, 12):
                assert home[one.ident] == home[other.ident]
    for group in found:
        assert len(group) == 1 or all(any(linked(a, b, 1, 12) for b in group if b != a) for a in group)


@given(spots, st.data())
def test_what_comes_later_only_lets_clusters_grow(rows: list[Spot], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    before, after = clusters(rows[:cut], 1, 12), clusters(rows, 1, 12)
    for group in before:
        assert sum(set(group) <= set(later) for later in after) == 1


def test_a_summary() -> None:
    said = summary(
        [
            Spot(1, 35.0, 103.0, AT, Confidence.NOMINAL, 4.0),
            Spot(2, 35.01, 103.02, AT + timedelta(hours=2), Confidence.LOW, None),
        ]
    )
    assert (said.lat, said.lon, said.count) == (35.005, 103.01, 2)
    assert (said.first_at, said.last_at) == (AT, AT + timedelta(hours=2))
    assert (said.confidence, said.max_frp_mw) == (Confidence.NOMINAL, 4.0)
    assert summary([spot(1)]).max_frp_mw is None


@pytest.mark.parametrize(
    ("least", "enough"),
    [("low", [True, True, True]), ("nominal", [False, True, True]), ("high", [False, False, True])],
)
def test_strong_enough(least: str, enough: list[bool]) -> None:
    words = [Confidence.LOW, Confidence.NOMINAL, Confidence.HIGH]
    assert [strong_enough(word, least) for word in words] == enough


def test_ground_that_was_looked_at() -> None:
    looked_at, until = [spot(1)], AT + timedelta(hours=3)
    assert covered(spot(2, 0.9, 3), looked_at, until, 1)
    assert not covered(spot(2, 0.9, 3.1), looked_at, until, 1), "later than the answer holds"
    assert not covered(spot(2, 1.1, 1), looked_at, until, 1), "beside what was looked at"
