from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from firewatch.incidents.matching import Near, Sighting, near, zone_at
from firewatch.rulebook.alliance import WeatherPoint, Zone

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
KM_LAT = 1 / 111.195  # degrees of latitude in a kilometre
sightings = st.builds(
    Sighting,
    st.integers(1, 5),
    st.floats(35.2, 35.3),
    st.floats(103.5, 103.6),
    st.integers(-600, 600).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)


def seen(incident: int, km: float = 0.0, minutes: int = 0) -> Sighting:
    return Sighting(incident, 35.25 + km * KM_LAT, 103.55, NOON + timedelta(minutes=minutes))


def found(*known: Sighting) -> list[int]:
    return [one.incident_id for one in near(35.25, 103.55, NOON, known, 2.0, 360)]


def test_within_two_kilometres_and_six_hours() -> None:
    assert found(seen(1, 1.99), seen(2, 2.01), seen(3, 0, -360), seen(4, 0, -361), seen(5, 0, 360)) == [3, 5, 1]


def test_an_incident_is_as_near_as_its_nearest_report() -> None:
    [one] = near(35.25, 103.55, NOON, [seen(7, 1.5), seen(7, 0.5), seen(7, 1.0)], 2.0, 360)
    assert (one.incident_id, round(one.km, 2)) == (7, 0.5)


def test_equally_near_the_older_comes_first() -> None:
    assert found(seen(9), seen(3)) == [3, 9]


@given(st.lists(sightings))
def test_every_answer_is_near_and_none_is_left_out(known: list[Sighting]) -> None:
    answer = near(35.25, 103.55, NOON, known, 2.0, 360)
    assert answer == sorted(answer, key=lambda one: (one.km, one.incident_id))
    assert len({one.incident_id for one in answer}) == len(answer)
    assert all(one.km <= 2.0 for one in answer)
    alone = {
        Near(one.incident_id, one.km) for known_one in known for one in near(35.25, 103.55, NOON, [known_one], 2.0, 360)
    }
    assert {one.incident_id for one in alone} == {one.incident_id for one in answer}
    assert all(one.km == min(other.km for other in alone if other.incident_id == one.incident_id) for one in answer)


def square(name: str, kind: str, west: float, hole: bool = False) -> Zone:
    ring = [(west, 35.0), (west + 1, 35.0), (west + 1, 36.0), (west, 36.0), (west, 35.0)]
    inner = [(west + 0.4, 35.4), (west + 0.6, 35.4), (west + 0.6, 35.6), (west + 0.4, 35.6), (west + 0.4, 35.4)]
    return Zone.model_validate(
        {
            "id": name,
            "name_zh": name,
            "name_en": name,
            "kind": kind,
            "agency": name,
            "label": (west, 35.5),
            "points": [WeatherPoint(id=name, lat=35.5, lon=west, elevation_m=2000)],
            "polygons": [[ring, inner] if hole else [ring]],
        }
    )


def where(lat: float, lon: float, *zones: Zone) -> str | None:
    zone = zone_at(lat, lon, zones)
    return zone.id if zone else None


def test_the_zone_of_a_place() -> None:
    west, east = square("west", "county", 103.0), square("east", "county", 104.0)
    assert [where(35.5, lon, west, east) for lon in (103.5, 104.5, 102.9, 105.1)] == ["west", "east", None, None]
    assert where(36.5, 103.5, west, east) is None
    assert where(35.5, 104.0, west, east) == where(35.5, 104.0, east, west) == "east"  # a border is of one zone


def test_a_reserve_comes_before_the_county_around_it() -> None:
    county, reserve = square("county", "county", 103.0), square("reserve", "reserve", 103.5)
    for zones in ((county, reserve), (reserve, county)):
        assert where(35.5, 103.8, *zones) == "reserve"
        assert where(35.5, 103.2, *zones) == "county"


def test_a_hole_is_not_of_the_zone() -> None:
    assert where(35.5, 103.5, square("ring", "county", 103.0, hole=True)) is None
