"""Settings from the environment: read once, checked, frozen, handed down by `app` and imported by nobody else."""

import difflib
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from firewatch.errors import BadInput

PREFIX = "FIREWATCH_"
FOR_TESTS = ("FIREWATCH_TEST_", "FIREWATCH_REFERENCE")
"""Variables that only the tests read."""
NUMBER = r"\+[1-9]\d{6,14}"
"""A telephone number in the form E.164."""
WITH_KEYS = ("watchdog_url",)
"""Addresses whose path is as good as a password."""
Secret = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseSettings):
    """What differs from one installation to the next. Every field is the variable FIREWATCH_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Field(Path("data"), description="Folder that holds all state")
    config_dir: Path | None = Field(None, description="Rulebook folder; default: the demonstration alliance")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL, SQLite or postgresql+psycopg; default: firewatch.db in the data folder"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one")
    nightsheet_dir: Path | None = Field(
        None, description="Folder of the sheets for a night without the machine; default: nightsheet in the data folder"
    )
    nightsheet_minutes: float = Field(5, ge=1, le=60, description="Wall minutes between two such sheets")
    public_url: AnyHttpUrl | None = Field(None, description="Address under which others reach the console")
    language: Literal["zh", "en"] = Field("zh", description="Language of pages until the reader chooses")
    bootstrap_token: Annotated[SecretStr, Field(min_length=20)] | None = Field(
        None, description="The first API token, at least 20 characters"
    )
    log_format: Literal["json", "text"] = Field("json", description="Form of the log lines on standard error")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")

    clock_start: datetime | None = Field(
        None, description="RFC 3339 instant at which the service's clock starts; default: the machine's time"
    )
    clock_speed: float = Field(1.0, gt=0, le=1_000_000, description="How fast the service's clock runs")
    tick_seconds: float = Field(0.5, gt=0.01, le=60, description="Wall seconds between looks for due work")

    replay: str | None = Field(
        None,
        description="Weather replayed as if it were now, instead of the configured feeds: a station file, or made-up",
    )
    open_meteo_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.open-meteo.com"), description="Base address of Open-Meteo's forecast service"
    )
    open_meteo_ensemble_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://ensemble-api.open-meteo.com"), description="Base address of Open-Meteo's ensemble service"
    )
    open_meteo_archive_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://archive-api.open-meteo.com"), description="Base address of Open-Meteo's archive"
    )
    met_norway_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.met.no"), description="Base address of MET Norway's weather service"
    )

    firms_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://firms.modaps.eosdis.nasa.gov"), description="Base address of NASA FIRMS (hot spots)"
    )
    firms_key: Secret | None = Field(None, description="MAP_KEY of NASA FIRMS; not set: no hot spots are asked for")

    tiles_key: Secret | None = Field(None, description="Key of the background map's source")
    tianditu_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://t0.tianditu.gov.cn"), description="Base address of Tianditu (background map)"
    )

    watchdog_url: AnyHttpUrl | None = Field(None, description="Address that is asked while all is well")
    watchdog_seconds: float = Field(60, ge=1, le=3600, description="Wall seconds between two signs of life to it")

    drill_address: AnyHttpUrl | None = Field(None, description="Address under which others reach a drill's console")
    drill_port: int = Field(8001, ge=0, le=65535, description="Port that a drill listens on; 0 picks a free one")
    drill_from: str | None = Field(None, description="Number of drills' texts and calls; not set: they only show")
    drill_database_url: SecretStr | None = Field(None, description="Database of drills; default: SQLite")

    sms_channel: Literal["console", "twilio"] = Field("console", description="How text messages leave")
    twilio_account_sid: Secret | None = Field(None, description="Twilio account (AC...)")
    twilio_auth_token: Secret | None = Field(None, description="Twilio auth token")
    twilio_old_auth_token: Secret | None = Field(None, description="The auth token before, during a rotation")
    twilio_from: str | None = Field(None, description="Sender: an E.164 number or a messaging service (MG...)")
    twilio_voice_from: str | None = Field(None, description="Caller of telephone calls; not set: the sender's number")
    twilio_base_url: AnyHttpUrl | None = Field(None, description="Another server that speaks Twilio's interface")

    smtp_host: str | None = Field(None, min_length=1, description="Mail server; not set: no e-mail leaves")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the line to it is secured")
    smtp_user: str | None = Field(None, min_length=1, description="Name to sign in with; not set: none is asked for")
    smtp_password: Secret | None = Field(None, description="Its password")
    smtp_from: str | None = Field(None, description="Address that e-mail comes from")
    smtp_ca_file: Path | None = Field(None, description="Certificates to trust in place of the system's (PEM)")

    @field_validator("database_url", "drill_database_url")
    @classmethod
    def _known_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("needs to begin with sqlite:/// or postgresql+psycopg://")
        return url

    @field_validator("firms_key")
    @classmethod
    def _map_key(cls, key: SecretStr | None) -> SecretStr | None:
        # It becomes a part of an address: nothing else may.
        if key is not None and not re.fullmatch(r"[0-9A-Za-z]{8,64}", key.get_secret_value()):
            raise ValueError("needs to be the MAP_KEY of NASA FIRMS: 8 to 64 letters and digits")
        return key

    @field_validator("twilio_voice_from", "drill_from")
    @classmethod
    def _caller(cls, caller: str | None) -> str | None:
        if caller is not None and not re.fullmatch(NUMBER, caller):
            raise ValueError("needs to be a number like +12025550123")
        return caller

    @field_validator("twilio_from")
    @classmethod
    def _sender(cls, sender: str | None) -> str | None:
        if sender is not None and not re.fullmatch(rf"{NUMBER}|MG[0-9a-fA-F]{{32}}", sender):
            raise ValueError("needs to be a number like +12025550123 or a messaging service (MG and 32 digits)")
        return sender

    @field_validator("smtp_from")
    @classmethod
    def _mail_from(cls, sender: str | None) -> str | None:
        if sender is not None and not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", sender):
            raise ValueError("needs to be an address like bulletin@firewatch.example")
        return sender

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.clock_start is not None and self.clock_start.tzinfo is None:
            raise ValueError("FIREWATCH_CLOCK_START: the instant needs its offset, for example 2026-03-01T00:00:00Z")
        if self.sms_channel == "twilio":
            for name in ("twilio_account_sid", "twilio_auth_token", "twilio_from"):
                if getattr(self, name) is None:
                    raise ValueError(f"FIREWATCH_{name.upper()}: needed because FIREWATCH_SMS_CHANNEL is twilio")
        return self

    @model_validator(mode="after")
    def _drill_apart(self) -> Self:
        """Refuse a drill that shares with the real service what the one could be taken for the other by."""
        for name, other in (
            ("drill_from", "twilio_from"),
            ("drill_from", "twilio_voice_from"),
            ("drill_address", "public_url"),
            ("drill_database_url", "database_url"),
        ):
            given = getattr(self, name)
            if given and given == getattr(self, other):
                raise ValueError(f"FIREWATCH_{name.upper()}: needs to be another than FIREWATCH_{other.upper()}")
        return self

    @model_validator(mode="after")
    def _mail_complete(self) -> Self:
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("FIREWATCH_SMTP_FROM: needed because FIREWATCH_SMTP_HOST is set")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("FIREWATCH_SMTP_USER and FIREWATCH_SMTP_PASSWORD: set both or neither")
        if self.smtp_password is not None and self.smtp_security == "none":
            raise ValueError("FIREWATCH_SMTP_SECURITY: none would send the password in clear text")
        return self

    def resolved_nightsheet_dir(self) -> Path:
        """Return the folder of the night sheets: the given one, or one in the data folder."""
        return self.nightsheet_dir or self.data_dir / "nightsheet"

    @property
    def pictures_dir(self) -> Path:
        """The folder of photos, in the data folder: what is on record there must not be lost sight of."""
        return self.data_dir / "pictures"

    @property
    def voice_from(self) -> str | None:
        """The number that calls come from; None where only a messaging service is named."""
        number = self.twilio_voice_from or self.twilio_from
        return number if number is not None and re.fullmatch(NUMBER, number) else None

    def resolved_database_url(self) -> str:
        """Return the database's address: the given one, or SQLite in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'firewatch.db'}"


def shown(settings: Settings) -> list[tuple[str, str | None, bool, bool]]:
    """Return what may be told of every setting: variable, value, whether it is a secret, whether it was given.

    The value is None where none is set. A secret has none to tell, and of an address only what names no key.
    """
    return [
        (f"{PREFIX}{name.upper()}", *_told(name, getattr(settings, name)), name in settings.model_fields_set)
        for name in Settings.model_fields
    ]


def _told(name: str, value: object) -> tuple[str | None, bool]:
    if isinstance(value, SecretStr):
        return "", True
    if name in WITH_KEYS and isinstance(value, AnyHttpUrl):
        return f"{value.scheme}://{value.host}/…", False
    if isinstance(value, AnyHttpUrl):
        path = (value.path or "").lstrip("/")
        plain = AnyHttpUrl.build(scheme=value.scheme, host=value.host or "", port=value.port, path=path)
        return str(plain), False
    return (None if value is None else str(value)), False


def read_settings(**given: object) -> Settings:
    """Read and check the environment; values given here win. Raises BadInput that names the variable."""
    _refuse_unknown()
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by the model itself
    except ValidationError as error:
        raise BadInput("; ".join(_explain(item) for item in error.errors(include_url=False))) from None


def _refuse_unknown() -> None:
    """Refuse a variable that nobody reads: mistyped, it would be a setting silently not made."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOR_TESTS):
            close = difflib.get_close_matches(name, known, n=1)
            raise BadInput(f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else ""))


def _explain(item: object) -> str:
    assert isinstance(item, dict)  # noqa: S101 - pydantic's ErrorDetails is a plain dict
    where = "_".join(str(part) for part in item["loc"] if part not in {"function-after", "constrained-str"})
    reason = str(item["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{where.upper()}: {reason}" if where else reason
