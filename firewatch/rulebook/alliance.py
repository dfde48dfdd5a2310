"""Who belongs to the alliance and what it brings: zones, agencies, contacts, duty, crews, vehicles, depots."""

import re
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""As programs send them: no text, no infinity."""
Minutes = Annotated[int, Field(ge=0, le=1440)]
Lang = Literal["zh", "en"]


def _weekdays(text: str) -> str:
    if not re.fullmatch(r"[1-7]{1,7}", text) or len(set(text)) != len(text):
        raise ValueError("weekdays are digits 1 (Monday) to 7 (Sunday), each once, for example 12345")
    return text


def _minute_of_day(text: object) -> object:
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)", text)
    if match is None or int(match[1]) * 60 + int(match[2]) > 1440:
        raise ValueError("a time of day looks like 08:00")
    return int(match[1]) * 60 + int(match[2])


def _or_none(text: object) -> object:
    """Read an empty field of a form as: not set."""
    return None if text == "" else text


def _quantities(text: object) -> object:
    """`pump=1 saw=2` from a CSV cell."""
    if not isinstance(text, str):
        return text
    return {name: number for name, _, number in (pair.partition("=") for pair in text.split())}


def _of_things(amounts: dict[str, int]) -> dict[str, int]:
    if "people" in amounts:
        raise ValueError("people have a field of their own")
    return amounts


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones, such as Asia
        raise ValueError("not an IANA time zone, for example Asia/Shanghai") from None
    return name


MinuteOfDay = Annotated[int, BeforeValidator(_minute_of_day)]
NightMinutes = Annotated[Minutes | None, BeforeValidator(_or_none)]
"""By night, where that differs; None: the same as by day."""
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Quantities = Annotated[
    dict[Slug, Annotated[int, Field(gt=0, le=100_000)]], BeforeValidator(_quantities), AfterValidator(_of_things)
]


class Rules(BaseModel):
    """A frozen table that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Alliance(Rules):
    """The alliance as a whole (alliance.toml)."""

    name_zh: Name
    name_en: Name
    time_zone: TimeZone
    duty_agency: Slug
    demonstration: bool = False
    """True where people, resources and outlines are made up: every screen says so."""

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of local days."""
        return ZoneInfo(self.time_zone)


class WeatherPoint(Rules):
    """A point of a zone at which the danger is computed."""

    id: Slug
    lat: Lat
    lon: Lon
    elevation_m: float = Field(ge=-500, le=9000)


Ring = list[tuple[float, float]]


class Zone(Rules):
    """A zone with its outline (zones.geojson); `polygons` are [longitude, latitude] rings, holes after the shell."""

    id: Slug
    name_zh: Name
    name_en: Name
    kind: Literal["county", "reserve"]
    agency: Slug
    label: tuple[float, float]
    points: list[WeatherPoint] = Field(min_length=1)
    polygons: list[list[Ring]] = Field(min_length=1)


class AgencyRow(Rules):
    """A line of agencies.csv."""

    id: Slug
    name_zh: Name
    name_en: Name
    kind: Literal["prefecture", "county", "reserve"]
    lat: Lat
    lon: Lon


class ContactRow(Rules):
    """A line of contacts.csv."""

    id: Slug
    agency: Slug
    name_zh: Name
    name_en: Name
    role: Literal["liaison", "deputy", "head"]
    phone: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    lang: Lang = "zh"
    drills: bool = False

    @field_validator("phone", mode="before")
    @classmethod
    def _compact(cls, value: object) -> object:
        return value.replace(" ", "") if isinstance(value, str) else value


class DutyRow(Rules):
    """A line of duty.csv: a weekly shift of one contact."""

    contact: Slug
    weekdays: Annotated[str, AfterValidator(_weekdays)]
    start: MinuteOfDay
    end: MinuteOfDay


class CrewRow(Rules):
    """A line of crews.csv."""

    id: Slug
    agency: Slug
    name_zh: Name
    name_en: Name
    kind: Literal["professional", "part_time", "mass", "ranger"]
    people: int = Field(gt=0, le=500)
    may_attack: bool
    turnout_minutes: Minutes
    turnout_night_minutes: NightMinutes = None
    provides: Quantities = Field(default_factory=dict)
    lat: Lat
    lon: Lon


SpeedClass = Literal["light", "standard", "heavy"]
"""How a vehicle drives, against a crew carrier, which is `standard`."""


class VehicleRow(Rules):
    """A line of vehicles.csv."""

    id: Slug
    agency: Slug
    name_zh: Name
    name_en: Name
    kind: Literal["crew_carrier", "water_tender", "command"]
    speed_class: SpeedClass = "standard"
    seats: int = Field(gt=0, le=100)
    crew_aboard: int = Field(ge=0, le=100)
    load: int = Field(ge=0, le=1000)
    turnout_minutes: Minutes
    turnout_night_minutes: NightMinutes = None
    provides: Quantities = Field(default_factory=dict)
    lat: Lat
    lon: Lon

    @model_validator(mode="after")
    def _seated(self) -> Self:
        if self.crew_aboard > self.seats:
            raise ValueError("crew_aboard: more people aboard than seats")
        return self


class DepotRow(Rules):
    """A line of depots.csv."""

    id: Slug
    agency: Slug
    name_zh: Name
    name_en: Name
    loading_minutes: Minutes
    stock: Quantities = Field(default_factory=dict)
    lat: Lat
    lon: Lon


class PlaceRow(Rules):
    """A line of places.csv: a place that people call by name."""

    id: Slug
    name_zh: Name
    name_en: Name
    pinyin: str = Field("", max_length=120, pattern=r"^[a-zü ]*$")
    """By syllables, without tones: found by it, and by its first letters."""
    area_zh: Name
    area_en: Name
    """The county or prefecture it belongs to: it tells apart what is called alike."""
    kind: Literal["seat", "town", "township", "village", "mountain", "water", "other"]
    lat: Lat
    lon: Lon
