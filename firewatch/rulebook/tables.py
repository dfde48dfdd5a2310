"""The rules that steer the service: weather feeds, danger scheme, run cards, messages."""

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Minutes, Rules, Slug, TimeZone


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("not an encoding that Python knows, for example utf-8-sig or gb18030") from None
    return name


Encoding = Annotated[str, AfterValidator(_encoding)]
Share = Annotated[float, Field(ge=0, le=100)]


class Column(Rules):
    """Where one quantity stands in a station's file: our unit = value × scale + offset."""

    column: str = Field(min_length=1)
    scale: float = 1.0
    offset: float = 0.0


class StationMapping(Rules):
    """How a station's CSV file is read. Time is one column, or its parts in several."""

    station_column: str | None = None
    """Column that names the station; without it every row belongs to the points of `stations`."""
    time_column: str | None = None
    time_format: str | None = None
    """`strptime` format of `time_column`; default ISO 8601."""
    year_column: str | None = None
    month_column: str | None = None
    day_column: str | None = None
    hour_column: str | None = None
    time_zone: TimeZone = "UTC"
    rain_hour: Literal["preceding", "following"] = "preceding"
    """Whether a row's rain fell in the hour before its time, or in the hour that begins with it."""
    missing: tuple[str, ...] = ("", "NA", "NaN")
    encoding: Encoding = "utf-8-sig"
    delimiter: str = Field(",", min_length=1, max_length=1)
    temp_c: Column
    rh_pct: Column | None = None
    dew_point_c: Column | None = None
    """Used for the humidity where `rh_pct` is missing."""
    wind_kmh: Column
    gust_kmh: Column | None = None
    wind_dir_deg: Column | None = None
    rain_mm: Column
    snow_depth_cm: Column | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        parts = (self.year_column, self.month_column, self.day_column, self.hour_column)
        if (self.time_column is None) == (None in parts):
            raise ValueError("give either time_column, or year_column, month_column, day_column and hour_column")
        if self.rh_pct is None and self.dew_point_c is None:
            raise ValueError("give rh_pct or dew_point_c")
        return self


class OpenMeteoFeed(Rules):
    """Open-Meteo's forecast service."""

    kind: Literal["open_meteo"]
    id: Slug
    past_days: int = Field(3, ge=0, le=92)
    forecast_days: int = Field(3, ge=1, le=16)
    first_days: int = Field(92, ge=1, le=92)
    """Past days asked for when nothing is stored yet: the indices need a history."""


class StationsFeed(Rules):
    """A folder into which own stations' CSV files are put."""

    kind: Literal["stations"]
    id: Slug
    folder: str
    """Relative to the data folder unless absolute."""
    pattern: str = "*.csv"
    stations: dict[str, Slug]
    """Name of a station in the files, or "*" for any → weather point."""


class Weather(Rules):
    """Where weather comes from (weather.toml); earlier feeds are preferred within the same kind of value."""

    feed: list[Annotated[OpenMeteoFeed | StationsFeed, Field(discriminator="kind")]] = Field(min_length=1)
    mapping: StationMapping
    """How station files, and files given to the replay, are read."""
    fetch_every_minutes: int = Field(60, ge=5, le=1440)
    stale_after_minutes: int = Field(240, ge=10, le=10080)
    max_missing_hours: int = Field(6, ge=0, le=23)
    """Hours a local day may lack and still have daily extremes for LY/T 1172."""


class Danger(Rules):
    """How weather becomes a grade (danger.toml)."""

    scheme: Literal["lyt1172", "fwi"] = "lyt1172"
    constant: Literal["vw1985", "exact"] = "vw1985"
    max_gap_days: int = Field(3, ge=0, le=30)
    after_day_8: Literal["plus5", "jump"] = "plus5"
    assess_at: MinuteOfDay
    """Local time by which every day has its grade, be it "no data"; new weather updates it at any hour."""
    history_days: int = Field(60, ge=0, le=400)
    """How far back an empty chain is begun when the weather is there."""
    fwi_thresholds: tuple[float, float, float, float] = (5.2, 11.2, 21.3, 38.0)
    calibrated: bool = False
    snow_cover_depth_cm: float = Field(2.0, gt=0)
    green_pct: dict[Slug, Annotated[list[Share], Field(min_length=12, max_length=12)]]
    """Green share of the ground by zone, January to December."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.fwi_thresholds)) != list(self.fwi_thresholds):
            raise ValueError("fwi_thresholds must rise")
        return self


class RunCard(Rules):
    """What a fire needs, by its class and the day's danger grade (0 stands for no data)."""

    fire_class: Literal["ordinary", "large", "major", "extraordinary"]
    grades: list[Annotated[int, Field(ge=0, le=5)]] = Field(min_length=1)
    needs: dict[Slug, Annotated[int, Field(gt=0)]] = Field(min_length=1)


class Dispatch(Rules):
    """How a fire report becomes an incident and a plan (dispatch.toml)."""

    same_fire_km: float = Field(2.0, gt=0, le=50)
    same_fire_minutes: int = Field(360, gt=0, le=10080)
    detour_factor: float = Field(1.4, ge=1, le=5)
    speed_kmh: float = Field(40.0, gt=0, le=130)
    crews_per_trip: int = Field(2, ge=0, le=3)
    depots_per_trip: int = Field(1, ge=0, le=2)
    confirm: Literal["duty_officer", "at_once", "after_minutes"] = "duty_officer"
    confirm_after_minutes: Minutes = 10
    grade_weight: list[Annotated[float, Field(gt=0)]] = Field([1, 1, 1.2, 1.5, 2, 3], min_length=6, max_length=6)
    """Weight of a fire by danger grade 0 (no data) to 5."""
    run_card: list[RunCard] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        seen: dict[tuple[str, int], int] = {}
        for card in self.run_card:
            for grade in card.grades:
                seen[card.fire_class, grade] = seen.get((card.fire_class, grade), 0) + 1
        for fire_class in ("ordinary", "large", "major", "extraordinary"):
            for grade in range(6):
                if seen.get((fire_class, grade)) != 1:
                    raise ValueError(f"needs exactly one run_card for {fire_class} fires at grade {grade}")
        return self


class Messages(Rules):
    """How people are told (messages.toml)."""

    remind_after_minutes: int = Field(5, ge=1, le=1440)
    """Without an acknowledgement: again, and the deputy."""
    alarm_after_minutes: int = Field(10, ge=1, le=1440)
    """Still none: the agency's head, and an alarm on the duty officer's screen."""
    lease_seconds: int = Field(60, ge=5, le=600)
    look_seconds: int = Field(30, ge=5, le=600)
    """Between two looks into the provider's list for a message whose outcome is unknown."""
    max_failures: int = Field(8, ge=1, le=50)
    max_age_minutes: int = Field(720, ge=5, le=10080)
    retry_seconds: int = Field(20, ge=1, le=3600)
    """First back-off; it doubles with each failure, with jitter."""
    receipt_after_seconds: int = Field(60, ge=5, le=3600)
    """After this long without a receipt the provider is asked."""
    send_timeout_seconds: float = Field(15, gt=0, le=60)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.alarm_after_minutes <= self.remind_after_minutes:
            raise ValueError("alarm_after_minutes: needs to be more than remind_after_minutes")
        return self

    @property
    def last_wait_minutes(self) -> int:
        """From the reminder to the last step, at least one."""
        return self.alarm_after_minutes - self.remind_after_minutes
