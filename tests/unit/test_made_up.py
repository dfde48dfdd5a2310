from collections.abc import Callable
from dataclasses import astuple, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewatch.weather.made_up import Floats, Hours, forecast_error, season

YEAR_2025 = 482_136  # hours from 1970-01-01T00:00Z to 2025-01-01T00:00Z
YEAR = 365 * 24


@dataclass(frozen=True)
class Place:
    id: str = "forest-1"
    lon: float = 103.2
    elevation_m: float = 2300.0


def local_days(values: Floats, how: Callable[..., Floats], first_day: int, days: int) -> Floats:
    """Statistics of whole days; the hour that ends 17:00Z is the first of the next day in UTC+8."""
    start = first_day * 24 + 16
    return how(values[start : start + days * 24].reshape(days, 24), axis=1)


@pytest.fixture(scope="module", params=[1, 2, 3])
def year(request: pytest.FixtureRequest) -> Hours:
    return season(Place(), YEAR_2025, YEAR + 24, request.param)


@settings(max_examples=25, deadline=None)
@given(offset=st.integers(0, 2000), count=st.integers(1, 200), seed=st.integers(0, 2**40))
def test_an_hour_is_the_same_whatever_window_is_asked_for(offset: int, count: int, seed: int) -> None:
    whole = season(Place(), YEAR_2025, 2200, seed)
    part = season(Place(), YEAR_2025 + offset, count, seed)
    for ours, theirs in zip(astuple(part), astuple(whole), strict=True):
        np.testing.assert_array_equal(ours, theirs[offset : offset + count])


def test_seeds_and_points_differ_but_neighbours_share_their_weather() -> None:
    here, there = (season(Place(name), YEAR_2025, YEAR, 1) for name in ("forest-1", "forest-2"))
    other = season(Place(), YEAR_2025, YEAR, 2)
    assert not np.array_equal(here.temp_c, there.temp_c)
    wave = here.temp_c - season(Place(), YEAR_2025 + YEAR, YEAR, 1).temp_c
    assert wave.std() > 1  # no year is like the last
    near = np.corrcoef(here.rh_pct, there.rh_pct)[0, 1]
    strange = np.corrcoef(here.rh_pct, other.rh_pct)[0, 1]
    assert near > strange + 0.1


def test_every_value_is_physical(year: Hours) -> None:
    for values in astuple(year):
        assert np.isfinite(values).all()
    assert year.temp_c.min() > -40
    assert year.temp_c.max() < 38
    assert year.rh_pct.min() >= 5
    assert year.rh_pct.max() <= 98
    assert year.rain_mm.min() == 0
    assert year.rain_mm.max() < 40
    assert (year.gust_kmh >= year.wind_kmh).all()
    assert (year.wind_kmh > 0).all()
    assert ((year.wind_dir_deg >= 0) & (year.wind_dir_deg < 360)).all()
    assert (year.snow_depth_cm >= 0).all()


def test_spring_afternoons_are_dry_and_windy(year: Hours) -> None:
    spring = local_days(year.rh_pct, np.min, 59, 92)
    assert 10 <= np.median(spring) <= 28
    assert (spring <= 20).sum() >= 20
    spring_wind = local_days(year.wind_kmh, np.max, 70, 60)
    autumn_wind = local_days(year.wind_kmh, np.max, 250, 60)
    assert np.median(spring_wind) > np.median(autumn_wind) + 3
    assert spring_wind.max() > 28.8  # Beaufort 5


def test_rain_comes_in_summer_and_winter_is_cold(year: Hours) -> None:
    summer = local_days(year.rain_mm, np.sum, 151, 92)
    winter = np.concatenate([local_days(year.rain_mm, np.sum, 0, 59), local_days(year.rain_mm, np.sum, 334, 30)])
    assert summer.sum() > 3 * winter.sum()
    assert (winter >= 0.3).sum() <= 25
    assert 150 < year.rain_mm.sum() < 800
    assert local_days(year.temp_c, np.max, 0, 31).mean() < 6
    assert 18 < local_days(year.temp_c, np.max, 181, 31).mean() < 29
    # Long dry spells: what drives the grades up.
    wet = np.flatnonzero(local_days(year.rain_mm, np.sum, 0, 364) >= 0.3)
    assert np.diff(wet).max() > 20


def test_days_warm_up_and_heights_are_colder(year: Hours) -> None:
    hottest = year.temp_c[: YEAR // 24 * 24].reshape(-1, 24).mean(axis=0).argmax()
    assert hottest in {7, 8, 9}  # UTC: 14 to 16 by the sun at 103° E
    high = season(Place(elevation_m=3300.0), YEAR_2025, YEAR, 1)
    low = season(Place(elevation_m=2300.0), YEAR_2025, YEAR, 1)
    assert (low.temp_c - high.temp_c).mean() == pytest.approx(6.0, abs=0.05)


def test_snow_lies_after_cold_rain_and_goes_again() -> None:
    snowy = season(Place(elevation_m=3200.0), YEAR_2025, YEAR, 1)
    assert snowy.snow_depth_cm.max() > 2
    july = snowy.snow_depth_cm[190 * 24 : 200 * 24]
    assert (july == 0).all()


def test_a_forecast_errs_more_the_further_it_looks() -> None:
    errors = np.array([forecast_error(Place(), h, 72, h, 1) for h in range(YEAR_2025, YEAR_2025 + YEAR, 48)])
    assert (errors[:, 0] == 0).all()
    assert errors[:, 66:].std() > 1.3 * errors[:, 18:30].std()
    assert abs(errors.mean()) < 0.3
    np.testing.assert_array_equal(errors[3], forecast_error(Place(), YEAR_2025 + 144, 72, YEAR_2025 + 144, 1))
    past = forecast_error(Place(), YEAR_2025, 10, YEAR_2025 + 10, 1)
    assert (past == 0).all()
