from typing import Any

import pytest
from pydantic import ValidationError

from tests.build import new_report


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"lat": 91.0}, "lat"),
        ({"lat": -90.1}, "lat"),
        ({"lon": 180.5}, "lon"),
        ({"lat": float("nan")}, "lat"),
        ({"lon": float("inf")}, "lon"),
        ({"lat": "35.3"}, "lat"),
        ({"lat": True}, "lat"),
        ({"lat": 10**400}, "lat"),
        ({"description": " \n "}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"channel": "telepathy"}, "channel"),
        ({"agency": "a\0b"}, "agency"),
        ({"reported_at": "2026-04-01T12:00:00"}, "reported_at"),
        ({"reported_at": 1775016000}, "reported_at"),
        ({"reported_at": "1775016000"}, "reported_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_nonsense_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        new_report(**given)
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


@pytest.mark.parametrize("place", [(90.0, 180.0), (-90, -180), (0.0, 0.0)])
def test_every_place_on_earth_may_burn(place: tuple[float, float]) -> None:
    assert (new_report(place).lat, new_report(place).lon) == place


@pytest.mark.parametrize(
    "instant", ["2026-04-01T12:00:00+08:00", "2026-04-01T04:00:00Z", "2026-04-01 04:00Z", "2026-04-01T04:00:00.000z"]
)
def test_an_instant_may_be_written_in_several_ways(instant: str) -> None:
    reported_at = new_report(reported_at=instant).reported_at
    assert reported_at is not None
    assert reported_at.timestamp() == 1_775_016_000
