"""What a summary counts: forecasts beside what came, bulletins beside days, grades by zone."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from firewatch.bulletins import summary
from firewatch.bulletins.content import Document, Kind
from tests.unit.summaries import MONDAY, facts, told

DAY = timedelta(days=1)
GRADES = st.integers(0, 5)
Came = dict[tuple[str, date], int]


def came(*grades: int) -> Came:
    """What came in zone z1, from the day after the bulletin on."""
    return {("z1", MONDAY + n * DAY): grade for n, grade in enumerate(grades, start=1)}


def test_each_way_to_be_right_and_wrong_is_counted_once() -> None:
    pairs = [(3, 3), (2, 3), (5, 3), (3, 4), (4, 3), (5, 4), (1, 5)]
    documents = [told(MONDAY + n * DAY, {"z1": (forecast, 0, 0)}) for n, (forecast, _) in enumerate(pairs)]
    one, two, three = summary.scores(documents, came(*(grade for _, grade in pairs)))
    assert (one.lead, one.pairs, one.hits, one.off_one, one.further) == (1, 7, 1, 4, 2)
    assert (one.high_came, one.missed_high, one.high_foretold, one.false_alarms) == (3, 2, 3, 2)
    assert (two.pairs, two.no_forecast, three.pairs, three.no_forecast) == (0, 6, 0, 5)


def test_each_lead_is_compared_with_its_own_day() -> None:
    scores = summary.scores([told(MONDAY, {"z1": (1, 2, 3)})], came(1, 2, 4))
    assert [(score.lead, score.hits, score.off_one) for score in scores] == [(1, 1, 0), (2, 1, 0), (3, 0, 1)]


def test_what_is_not_known_is_no_pair_and_no_zero() -> None:
    documents = [told(MONDAY, {"z1": (0, 3, 3)}), told(MONDAY + DAY, {"z1": (3, 3, 3)})]
    one = summary.scores(documents, came(3, 0))[0]
    assert (one.pairs, one.no_forecast, one.no_analysis, one.days) == (0, 1, 1, 0)
    assert not summary.scores(documents, {})[0].no_analysis, "a day that is not over is not counted at all"


def test_a_withdrawn_bulletin_foretells_nothing() -> None:
    withdrawn = told(MONDAY, {"z1": (3, 3, 3)}, kind=Kind.WITHDRAWAL)
    assert not any(score.pairs for score in summary.scores([withdrawn], came(3, 3, 3)))


def test_few_days_are_not_judged_however_many_zones() -> None:
    zones = {f"z{n}": (3, 3, 3) for n in range(100)}
    here = {(zone, MONDAY + n * DAY): 3 for zone in zones for n in range(1, summary.LEAST_DAYS + 1)}
    documents = [told(MONDAY + n * DAY, zones) for n in range(summary.LEAST_DAYS)]
    assert not summary.scores(documents[:-1], here)[0].judged
    assert summary.scores(documents, here)[0].judged


@given(st.lists(st.tuples(GRADES, GRADES), max_size=40))
def test_the_parts_are_the_whole(pairs: list[tuple[int, int]]) -> None:
    documents = [told(MONDAY + n * DAY, {"z1": (forecast, 0, 0)}) for n, (forecast, _) in enumerate(pairs)]
    one = summary.scores(documents, came(*(grade for _, grade in pairs)))[0]
    assert one.hits + one.off_one + one.further == one.pairs
    assert one.pairs + one.no_forecast + one.no_analysis == len(pairs)
    assert one.missed_high <= one.high_came
    assert one.false_alarms <= one.high_foretold


def test_bulletins_are_counted_by_kind_and_days_without_one_too() -> None:
    kinds = [Kind.ISSUE, Kind.CORRECTION, Kind.WITHDRAWAL]
    documents: list[Document] = [told(MONDAY + n * DAY, {"z1": (3, 3, 3)}, kind=kind) for n, kind in enumerate(kinds)]
    found = summary.issued(documents, [MONDAY + n * DAY for n in range(5)])
    assert (found.published, found.corrected, found.withdrawn, found.lacking, found.unheard) == (2, 1, 1, 2, 0)


def test_days_of_a_grade_and_high_days() -> None:
    found = facts([(3, 4, 0, None, 5, 5, 1), (4, 4, 0, None, 1, 1, 1)])
    assert [found.zones[0].count(grade) for grade in range(6)] == [1, 1, 0, 1, 1, 2]
    assert (found.highest, found.graded, found.high_days()) == (5, 10, 4)
    nothing = facts([(0, 0, None, None, None, None, None)])
    assert (nothing.highest, nothing.graded, nothing.high_days()) == (0, 0, 0)
    assert facts([]).high_days() == 0
