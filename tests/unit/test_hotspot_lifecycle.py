from datetime import UTC, datetime, timedelta

import pytest

from firewatch.errors import BadInput, Conflict
from firewatch.hotspots.lifecycle import (
    ASKED,
    NEXT,
    OVERDUE,
    REMINDED,
    VERDICTS,
    check,
    first_step_at,
    holds_until,
    next_step,
)
from firewatch.hotspots.models import TicketState as S
from firewatch.rulebook.hotspots import Hotspots
from firewatch.rulebook.read import _checked

AT = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
DEADLINE = AT + timedelta(minutes=60)


def test_every_state_has_its_row_and_an_answer_stands() -> None:
    assert set(NEXT) == set(S)
    for old in S:
        for new in S:
            if new in NEXT[old]:
                check(old, new)
            else:
                with pytest.raises(Conflict, match="what was answered stands"):
                    check(old, new)
    assert set(VERDICTS) < set(NEXT[S.OPEN])


@pytest.mark.parametrize(
    ("minutes", "before", "step", "after"),
    [
        (0, 20, ASKED, 40),
        (39, 20, ASKED, 40),
        (40, 20, REMINDED, 60),
        (59, 20, REMINDED, 60),
        (60, 20, OVERDUE, None),
        (900, 20, OVERDUE, None),
        (59, 0, ASKED, 60),
        (60, 0, OVERDUE, None),
    ],
)
def test_steps(minutes: int, before: int, step: int, after: int | None) -> None:
    due = None if after is None else AT + timedelta(minutes=after)
    assert next_step(AT + timedelta(minutes=minutes), DEADLINE, before) == (step, due)


def test_the_first_step() -> None:
    assert first_step_at(DEADLINE, 20) == AT + timedelta(minutes=40)
    assert first_step_at(DEADLINE, 0) == DEADLINE


def test_a_burn_goes_on_and_a_false_alarm_answers_only_what_was_seen() -> None:
    assert holds_until(S.CONTROLLED_BURN, AT, 12) == AT + timedelta(hours=12)
    assert holds_until(S.FALSE_ALARM, AT, 12) == AT


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"remind_before_minutes": 60}, "less than deadline_minutes"),
        ({"sources": ["MODIS_NRT", "MODIS_NRT"]}, "each only once"),
        ({"sources": ["LANDSAT"]}, "sources.0"),
        ({"mask": [{"name": "kiln", "lat": 35.0, "lon": 103.0, "radius_km": 0}]}, "mask.0.radius_km"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        _checked("hotspots.toml", Hotspots, given)
