"""Where weather comes from and how station files are read (weather.toml)."""

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from firewatch.rulebook.alliance import Rules, Slug, TimeZone
from firewatch.rulebook.quality import Quality


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("not an encoding that Python knows, for example utf-8-sig or gb18030") from None
    return name


Encoding = Annotated[str, AfterValidator(_encoding)]


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
    forecast_days: int = Field(9, ge=1, le=16)
    """Days of UTC, today's included: seven local days ahead want nine."""
    first_days: int = Field(92, ge=1, le=92)
    """Past days asked for when nothing is stored yet: the indices need a history."""


class MetNorwayFeed(Rules):
    """MET Norway's location forecast. It knows no past: a fallback, and never more than short-lead forecasts."""

    kind: Literal["met_norway"]
    id: Slug
    contact: str = Field(min_length=5, max_length=100, pattern=r"^[\x21-\x7e]+$")
    """Mail address or web address of whoever runs this installation: the service refuses who does not say it."""
    fallback_only: bool = True
    """Asked only for points where no feed before it has told all that is needed, believed and fresh."""


RainForm = Literal["amount", "counter"]


class StationsFeed(Rules):
    """Own stations: a folder into which their CSV files are put, and what they send over HTTP."""

    kind: Literal["stations"]
    id: Slug
    folder: str | None = None
    """Relative to the data folder unless absolute; none: the stations only send over HTTP."""
    pattern: str = "*.csv"
    stations: dict[Annotated[str, Field(min_length=1, max_length=60)], Slug]
    """Name of a station, in the files and in the address it posts to, or "*" for any in the files → weather point."""
    rain: dict[str, RainForm] = Field(default_factory=dict)
    """Name of a station → whether it tells the hour's amount of rain or a counter that runs on; default: amount."""

    @model_validator(mode="after")
    def _stations_there(self) -> Self:
        unknown = sorted(set(self.rain) - set(self.stations))
        if unknown:
            raise ValueError(f"rain: {unknown[0]!r} is none of the stations")
        return self

    def form(self, station: str) -> RainForm:
        """Return how a station tells its rain."""
        return self.rain.get(station, self.rain.get("*", "amount"))


class Weather(Rules):
    """Where weather comes from (weather.toml); earlier feeds are preferred within the same kind of value."""

    feed: list[Annotated[OpenMeteoFeed | MetNorwayFeed | StationsFeed, Field(discriminator="kind")]] = Field(
        min_length=1
    )
    mapping: StationMapping
    """How station files, and files given to the replay, are read."""
    quality: Quality = Quality()
    """When a reading is not believed."""
    fetch_every_minutes: int = Field(60, ge=5, le=1440)
    stale_after_minutes: int = Field(240, ge=10, le=10080)
    max_missing_hours: int = Field(6, ge=0, le=23)
    """Hours a local day may lack and still have daily extremes for LY/T 1172."""
    max_forecast_age_hours: int = Field(36, ge=6, le=96)
    """A forecast issued longer ago no longer grades the day under way: that day says "no data"."""
    keep_raw_days: int = Field(7, ge=0, le=90)
    """Days for which the raw answers of feeds are kept; 0 keeps none."""

    def stations(self) -> dict[str, StationsFeed]:
        """Return the feed of every station that is named."""
        feeds = [feed for feed in self.feed if isinstance(feed, StationsFeed)]
        return {name: feed for feed in feeds for name in feed.stations if name != "*"}

    def rain_form(self, station: str) -> RainForm:
        """Return how a station tells its rain; one that no feed names, as the feed says that takes any."""
        feeds = [feed for feed in self.feed if isinstance(feed, StationsFeed)]
        taking = [feed for name in (station, "*") for feed in feeds if name in feed.stations]
        return taking[0].form(station) if taking else "amount"

    @model_validator(mode="after")
    def _stations_once(self) -> Self:
        names = [name for feed in self.feed if isinstance(feed, StationsFeed) for name in feed.stations if name != "*"]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"station {twice[0]!r} stands in two feeds")
        return self
