"""Settings: defaults that start, every bad value named by its variable, no secret in what is shown."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firewatch.errors import BadInput
from firewatch.settings import PREFIX, Settings, read_settings, shown


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine that runs the tests."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_nothing_set_is_a_service_on_this_machine_only() -> None:
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.sms_channel == "console"
    assert settings.bootstrap_token is None
    assert settings.resolved_database_url() == f"sqlite:///{Path.cwd() / 'data' / 'firewatch.db'}"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_PORT", "")
    assert read_settings().port == 8000


def test_the_data_folder_holds_the_database_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path / "state"))
    assert read_settings().resolved_database_url() == f"sqlite:///{tmp_path / 'state' / 'firewatch.db'}"
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", "postgresql+psycopg://firewatch@db/firewatch")
    assert read_settings().resolved_database_url() == "postgresql+psycopg://firewatch@db/firewatch"


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_PORT", "8001")
    assert read_settings(port=8002).port == 8002


def test_the_clock_starts_at_an_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_CLOCK_START", "2026-03-01T08:00:00+08:00")
    start = read_settings().clock_start
    assert start is not None
    assert start.astimezone(UTC) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("LANGUAGE", "fr"),
        ("PUBLIC_URL", "firewatch.example"),
        ("PUBLIC_URL", "ftp://firewatch.example"),
        ("BOOTSTRAP_TOKEN", "x" * 19),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("CLOCK_START", "2026-03-01T00:00:00"),
        ("CLOCK_START", "yesterday"),
        ("CLOCK_SPEED", "0"),
        ("CLOCK_SPEED", "nan"),
        ("TICK_SECONDS", "0"),
        ("OPEN_METEO_URL", "not an address"),
        ("SMS_CHANNEL", "pigeon"),
        ("TWILIO_BASE_URL", "twilio"),
    ],
)
def test_a_bad_value_is_refused_and_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(BadInput, match=f"{PREFIX}{name}: "):
        read_settings()


def test_every_bad_value_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_PORT", "eighty")
    monkeypatch.setenv("FIREWATCH_LANGUAGE", "fr")
    with pytest.raises(BadInput, match=r"FIREWATCH_PORT: .*; FIREWATCH_LANGUAGE: "):
        read_settings()


TWILIO = {"TWILIO_ACCOUNT_SID": "AC00", "TWILIO_AUTH_TOKEN": "made-up", "TWILIO_FROM": "+15005550006"}


@pytest.mark.parametrize("missing", TWILIO)
def test_twilio_wants_all_of_its_settings(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("FIREWATCH_SMS_CHANNEL", "twilio")
    for name, value in TWILIO.items():
        monkeypatch.setenv(PREFIX + name, value)
    assert read_settings().sms_channel == "twilio"
    monkeypatch.delenv(PREFIX + missing)
    with pytest.raises(BadInput, match=PREFIX + missing):
        read_settings()


@given(st.text(alphabet="0123456789abcdef", min_size=8, max_size=19))
def test_a_short_bootstrap_token_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(BadInput, match="FIREWATCH_BOOTSTRAP_TOKEN: ") as refused:
        read_settings(bootstrap_token=token)
    assert token not in str(refused.value)


@pytest.mark.parametrize("key", ["short", "0123456789/abcdef", "0123456789 abcdef", "9" * 65])
def test_a_key_that_cannot_stand_in_an_address_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadInput, match="FIREWATCH_FIRMS_KEY: needs to be the MAP_KEY") as refused:
        read_settings(firms_key=key)
    assert key not in str(refused.value)
    settings = read_settings(firms_key="0123456789abcdef")
    assert "0123456789abcdef" not in repr(settings) + str(settings.model_dump(mode="json"))


def test_secrets_do_not_show() -> None:
    secrets = {name.lower(): f"very-secret-{name.lower()}" for name in TWILIO if name != "TWILIO_FROM"}
    settings = read_settings(
        bootstrap_token="very-secret-bootstrap-token",
        database_url="postgresql+psycopg://firewatch:very-secret-password@db/firewatch",
        smtp_user="firewatch",
        smtp_password="very-secret-mail-password",
        **secrets,
    )
    assert "very-secret" not in repr(settings)
    assert "very-secret" not in str(settings.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "FIREWATCH_SMTP_FROM: needed because"),
        ({"smtp_from": "Firewatch <bulletin@example.org>"}, "FIREWATCH_SMTP_FROM: needs to be an address"),
        ({"smtp_from": "bulletin@example.org", "smtp_user": "me"}, "set both or neither"),
        (
            {"smtp_from": "bulletin@example.org", "smtp_user": "me", "smtp_password": "k", "smtp_security": "none"},
            "FIREWATCH_SMTP_SECURITY: none would send the password in clear text",
        ),
    ],
)
def test_a_mail_server_is_set_up_wholly_or_not_at_all(given: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_settings(smtp_host="mail.example.org", **given)


@pytest.mark.parametrize(
    ("name", "other", "value"),
    [
        ("drill_from", "twilio_from", "+15005550006"),
        ("drill_from", "twilio_voice_from", "+15005550006"),
        ("drill_address", "public_url", "https://firewatch.example"),
        ("drill_database_url", "database_url", "sqlite:///one.db"),
    ],
)
def test_a_drill_shares_nothing_by_which_it_could_be_taken_for_the_real_service(
    name: str, other: str, value: str
) -> None:
    said = f"FIREWATCH_{name.upper()}: needs to be another than FIREWATCH_{other.upper()}"
    with pytest.raises(BadInput, match=said):
        read_settings(**{name: value, other: value})
    assert getattr(read_settings(**{name: value}), name) is not None


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        read_settings().port = 1  # type: ignore[misc]  # that is what is tried


def test_every_field_says_what_it_is_for() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def test_a_mistyped_setting_is_refused_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREWATCH_SMS_CHANEL", "twilio")
    with pytest.raises(BadInput, match=r"FIREWATCH_SMS_CHANEL.*FIREWATCH_SMS_CHANNEL"):
        read_settings()


@pytest.mark.parametrize(("name", "value"), [("DATABASE_URL", "mysql://x/y"), ("TWILIO_FROM", "123")])
def test_a_value_of_another_kind_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FIREWATCH_{name}", value)
    with pytest.raises(BadInput, match=f"FIREWATCH_{name}"):
        read_settings()


def test_what_is_told_of_the_settings_names_no_secret() -> None:
    given = read_settings(
        database_url="postgresql+psycopg://firewatch:secret@db/firewatch",
        watchdog_url="https://watch.example/ping/secret",
        firms_url="https://me:secret@firms.example:8443/base?key=secret",
        port=9000,
    )
    told = {name: rest for name, *rest in shown(given)}
    assert list(told) == [f"FIREWATCH_{name.upper()}" for name in Settings.model_fields]
    assert told["FIREWATCH_DATABASE_URL"] == ["", True, True]
    assert told["FIREWATCH_WATCHDOG_URL"] == ["https://watch.example/…", False, True]
    assert told["FIREWATCH_FIRMS_URL"] == ["https://firms.example:8443/base", False, True]
    assert told["FIREWATCH_PORT"] == ["9000", False, True]
    assert told["FIREWATCH_HOST"] == ["127.0.0.1", False, False]
    assert told["FIREWATCH_FIRMS_KEY"] == [None, False, False]
    assert "secret" not in str(told)
