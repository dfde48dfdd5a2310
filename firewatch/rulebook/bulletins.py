"""When the daily bulletin is made, who signs it, and what stands on it every day (bulletins.toml, optional)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Name, Rules

Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Cap(Rules):
    """What a national profile of CAP 1.2 asks for beyond the standard; nothing of it is needed for the plain one."""

    sender: str = Field("firewatch.example", pattern=r"^[^\s,<&]{1,100}$")
    """Who speaks: a name of the internet of your own."""
    codes: list[Line] = Field(default_factory=list)
    """Of the alert as a whole: a profile's name, say."""
    code_name: Line = "profile"
    """What the codes of events are called."""
    bulletin_code: Line = ""
    """The code of a bulletin's event; empty: none."""
    warning_code: Line = ""
    """The code of a warning's event; empty: none."""
    zone_code_name: Line = "firewatch-zone"
    """What the codes of zones are called."""
    zone_codes: dict[str, Line] = Field(default_factory=dict)
    """Code of each zone by its id; a zone without one has its id."""


class Subscribers(Rules):
    """Whether anybody may have the bulletins sent, and how it is kept from being abused."""

    email: bool = False
    """By e-mail, where a mail server is set up as well."""
    sms: bool = False
    """By text message."""
    confirm_minutes: int = Field(1440, ge=5, le=10_080)
    """How long a subscription may be confirmed; then it is forgotten."""
    codes_a_day: int = Field(3, ge=1, le=20)
    """Messages with a code that go to one address in 24 hours."""
    texts_an_hour: int = Field(60, ge=1, le=10_000)
    """Texts with a code that go out in an hour, whoever asks."""
    texts_to: list[Annotated[str, Field(pattern=r"^\+[1-9]\d{0,6}$")]] = Field(default=["+86"], min_length=1)
    """How the numbers begin that texts are sent to; one without a country code has the first."""
    keep_days: int = Field(30, ge=1, le=400)
    """How long what was sent, and that a subscription ended, is kept."""


class Bulletins(Rules):
    """The daily danger bulletin (bulletins.toml). It is issued in the names of `signatures` of warnings.toml."""

    make_at: MinuteOfDay = 990
    """Local time at which the day's draft is made (16:30)."""
    sign_by: MinuteOfDay = 1170
    """Local time after which an unsigned bulletin is an alarm (19:30)."""
    valid_from: MinuteOfDay = 1200
    """Local time from which it is valid, to the same time of the next day (20:00)."""
    sign: Literal["officer", "standing"] = "officer"
    standing_up_to_grade: int = Field(3, ge=1, le=5)
    """The standing rule signs while no zone is above this grade; what is higher, or has no data, waits for an officer.
    """
    standing_rule_zh: Name = "公报签发常规授权"
    standing_rule_en: Name = "Standing rule for bulletins"
    out_of_season: Literal["nothing", "make"] = "nothing"
    first_number: int = Field(1, ge=1, le=100_000)
    """The running number of the first one: a series that began on paper is gone on with."""
    title_zh: Name = "森林草原火险公报"
    title_en: Name = "Forest and grassland fire danger bulletin"
    distribution_zh: list[Name] = Field(default_factory=list)
    """Who gets it: bodies, never persons; in English in the same order."""
    distribution_en: list[Name] = Field(default_factory=list)
    map_approval: Line = ""
    """The approval number of the map (审图号); empty: the field stays blank."""
    cap: Cap = Cap()
    """The national profile of the alerts for programs."""
    subscribers: Subscribers = Subscribers()
    """Who may have it sent."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.make_at < self.sign_by <= self.valid_from:
            raise ValueError("make_at, sign_by, valid_from: need to follow each other in the day")
        if len(self.distribution_zh) != len(self.distribution_en):
            raise ValueError("distribution_en: needs as many bodies as distribution_zh")
        return self
