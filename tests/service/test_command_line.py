"""The commands of the technician: exit status and words, over a database of their own."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewatch.__main__ import main
from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.access.sessions import authenticate
from firewatch.access.users import by_name
from firewatch.clock import SystemClock
from firewatch.db import Database
from firewatch.errors import Unauthenticated
from firewatch.rulebook.read import default_folder
from firewatch.run import DEMO_PASSWORD, DEMO_USER
from tests.fake_met_norway import FakeMetNorway
from tests.fake_open_meteo import FakeOpenMeteo
from tests.fake_tiles import tile_server
from tests.mail_server import mail_house
from tests.story.service import config_with, free_port

PASSWORD = "a password for the tests"


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder, named in an environment that says nothing else."""
    for name in os.environ:
        if name.startswith("FIREWATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FIREWATCH_REPLAY", "made-up")
    return tmp_path / "data"


@pytest.fixture
def upgraded(data: Path) -> Database:
    assert main(["db", "upgrade"]) == 0
    return Database(f"sqlite:///{data / 'firewatch.db'}")


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def serve() -> tuple[int, str]:
    """`firewatch serve` in a process of its own, since it sets up logging: its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "firewatch", "serve"], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, bool]:
    lines = capsys.readouterr().out.splitlines()
    return {line[9:21].strip(): line.startswith("ok") for line in lines}


def test_a_person_is_added_and_gets_a_new_password(upgraded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, f"{PASSWORD}\n")
    assert main(["user", "add", "officer", "--name", "值班员甲", "--role", "viewer"]) == 0
    with upgraded.read() as session:
        person = authenticate(session, "officer", PASSWORD)
        assert (person.display_name, person.role) == ("值班员甲", Role.VIEWER)
    typed(monkeypatch, f"{PASSWORD} 2\n")
    assert main(["user", "password", "officer"]) == 0
    with upgraded.read() as session:
        assert authenticate(session, "officer", f"{PASSWORD} 2")
        with pytest.raises(Unauthenticated):
            authenticate(session, "officer", PASSWORD)


def test_a_person_stands_there_once(
    upgraded: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for expected in (0, 2):
        typed(monkeypatch, f"{PASSWORD}\n")
        assert main(["user", "add", "officer"]) == expected
    said = capsys.readouterr().err
    assert said.startswith("firewatch: ")
    assert "officer" in said
    assert PASSWORD not in said
    with upgraded.read() as session:
        assert by_name(session, "officer") is not None


def test_a_token_is_printed_once_and_works(upgraded: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "add", "weather desk"]) == 0
    secret = capsys.readouterr().out.strip()
    with upgraded.read() as session:
        token = tokens.check(session, SystemClock(), secret)
        assert token is not None
        assert (token.name, token.role) == ("weather desk", Role.VIEWER)
        assert tokens.check(session, SystemClock(), f"{secret}x") is None


def test_the_database_goes_up_and_down(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    assert findings(capsys)["database"] is False
    status, said = serve()
    assert status == 2
    assert "firewatch db upgrade" in said
    assert main(["db", "upgrade"]) == main(["db", "upgrade"]) == main(["check"]) == 0
    assert (data / "firewatch.db").is_file()
    assert main(["db", "downgrade", "base", "--yes"]) == 0
    assert main(["check"]) == 1


def test_a_stations_token_names_a_station_of_the_rulebook(
    upgraded: Database, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = '[[feed]]\nkind = "stations"\nid = "own"\nstations = { "ST-1" = "kangle" }\n'
    weather = (default_folder() / "weather.toml").read_text(encoding="utf-8").replace("[mapping]", feed + "[mapping]")
    folder = config_with(default_folder(), data / "config", weather_toml=weather)
    monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(folder))
    assert main(["token", "add", "logger", "--station", "ST-9"]) == 2
    assert "there is no station ST-9 in weather.toml; there are: ST-1" in capsys.readouterr().err
    assert main(["token", "add", "logger", "--station", "ST-1"]) == 0
    said = capsys.readouterr()
    assert "who may send for station ST-1" in said.err
    with upgraded.read() as session:
        token = tokens.check(session, SystemClock(), said.out.strip())
        assert token is not None
        assert (token.role, token.station) == (Role.STATION, "ST-1")
    assert main(["token", "revoke", "logger"]) == 0
    with upgraded.read() as session:
        assert tokens.check(session, SystemClock(), said.out.strip()) is None
    assert main(["token", "revoke", "logger"]) == 2


@pytest.mark.usefixtures("upgraded")
def test_check_tells_of_every_feed(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FIREWATCH_REPLAY")
    now = SystemClock().now()
    feeds = """
[[feed]]
kind = "met_norway"
id = "met-norway"
contact = "duty@alliance.example"
[[feed]]
kind = "stations"
id = "own"
stations = { "ST-1" = "kangle" }
[[feed]]
kind = "stations"
id = "files"
folder = "."
stations = { "*" = "kangle" }
[mapping]"""
    weather = (default_folder() / "weather.toml").read_text(encoding="utf-8").replace("[mapping]", feeds)
    monkeypatch.setenv(
        "FIREWATCH_CONFIG_DIR", str(config_with(default_folder(), data / "config", weather_toml=weather))
    )
    with FakeOpenMeteo(now) as first, FakeMetNorway(now) as second:
        monkeypatch.setenv("FIREWATCH_OPEN_METEO_URL", first.url)
        monkeypatch.setenv("FIREWATCH_MET_NORWAY_URL", second.url)
        main(["check"])
        (line,) = [line for line in capsys.readouterr().out.splitlines() if line[9:].startswith("weather")]
        assert line.startswith("ok")
        assert f"met-norway: {second.url}/ answers (fallback, asked as duty@alliance.example)" in line
        assert "own: 1 stations, over HTTP only; files: 1 stations, 0 files" in line
    main(["check"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line[9:].startswith("weather")]
    assert line.startswith("PROBLEM")


@pytest.mark.usefixtures("upgraded")
def test_check_says_what_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert findings(capsys) == dict.fromkeys(
        [
            *("data folder", "database", "rulebook", "places", "weather", "roads", "maps", "hot spots"),
            *("messages", "e-mail", "pictures", "night sheet", "watchdog", "public url", "drills"),
        ],
        True,
    )


@pytest.mark.usefixtures("upgraded")
def test_check_fetches_a_tile_of_the_background_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tile_server() as server:
        rules = f'[tiles]\nkind = "xyz"\nattribution = "somebody"\nurl = "{server.url}/{{z}}/{{x}}/{{y}}"\n'
        folder = config_with(default_folder(), tmp_path / "tiled", map_toml=rules)
        monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(folder))
        assert main(["check"]) == 0
        assert "xyz: the background map comes" in capsys.readouterr().out
        for mood, said in (("missing", "has no tile 8/201/"), ("broken", "answered HTTP 500")):
            server.mood = mood
            assert main(["check"]) == 1
            assert said in capsys.readouterr().out


@pytest.mark.usefixtures("upgraded")
def test_check_looks_at_the_mail_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = (default_folder() / "bulletins.toml").read_text(encoding="utf-8").replace("email = false", "email = true")
    offered = config_with(default_folder(), tmp_path / "offered", bulletins_toml=rules)
    monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(offered))
    assert main(["check"]) == 1
    assert findings(capsys)["e-mail"] is False, "e-mail is offered, and there is no server"
    monkeypatch.setenv("FIREWATCH_SMTP_FROM", "bulletin@example.org")
    monkeypatch.setenv("FIREWATCH_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("FIREWATCH_SMTP_SECURITY", "none")
    with mail_house() as house:
        monkeypatch.setenv("FIREWATCH_SMTP_PORT", str(house.port))
        assert main(["check"]) == 0
        assert not house.tries
    capsys.readouterr()
    assert main(["check"]) == 1
    assert findings(capsys)["e-mail"] is False
    monkeypatch.setenv("FIREWATCH_SMTP_CA_FILE", str(tmp_path / "nothing.pem"))
    main(["check"])
    assert "FIREWATCH_SMTP_CA_FILE: there is no file" in capsys.readouterr().out


@pytest.mark.usefixtures("upgraded")
def test_check_says_what_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.delenv("FIREWATCH_REPLAY")
    monkeypatch.setenv("FIREWATCH_OPEN_METEO_URL", nobody)
    monkeypatch.setenv("FIREWATCH_SMS_CHANNEL", "twilio")
    monkeypatch.setenv("FIREWATCH_TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("FIREWATCH_TWILIO_AUTH_TOKEN", "made-up")
    monkeypatch.setenv("FIREWATCH_TWILIO_FROM", "+15005550006")
    monkeypatch.setenv("FIREWATCH_TWILIO_BASE_URL", nobody)
    assert main(["check"]) == 1
    found = findings(capsys)
    assert (found["weather"], found["messages"], found["database"]) == (False, False, True)


def test_a_broken_config_folder_ends_the_program(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(tmp_path / "config"))
    status, said = serve()
    assert status == 2
    assert "alliance.toml: cannot be read" in said
    assert not data.exists()


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("name", "value"), [("FIREWATCH_SMS_CHANNEL", "twilio"), ("FIREWATCH_SMTP_HOST", "mail.example.org")]
)
def test_a_demonstration_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["demo"]) == 2
    assert name in capsys.readouterr().err


def test_the_public_password_of_a_demonstration_is_not_served(
    upgraded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, f"{DEMO_PASSWORD}\n")
    assert main(["user", "add", DEMO_USER]) == 0
    status, said = serve()
    assert (status, "public password" in said) == (2, True)
    upgraded.dispose()


@pytest.mark.usefixtures("upgraded")
def test_check_warns_that_no_phone_rings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alliance = (default_folder() / "alliance.toml").read_text(encoding="utf-8")
    alliance = alliance.replace("demonstration = true", "demonstration = false")
    real = config_with(default_folder(), tmp_path / "real", alliance_toml=alliance)
    monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(real))
    assert main(["check"]) == 1
    assert findings(capsys)["messages"] is False


COMMANDS = (["token", "add", "lookout"], ["user", "password", "duty"], ["db", "downgrade", "base", "--yes"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_without_a_database_nothing_is_made_up(
    data: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(command) == 2
    assert "db upgrade" in capsys.readouterr().err
    assert not data.exists()


def test_a_data_folder_that_is_a_file_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write_text("in the way")
    assert main(["db", "upgrade"]) == 2
    assert str(data) in capsys.readouterr().err


def test_a_broken_database_file_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.mkdir()
    (data / "firewatch.db").write_bytes(b"no database at all, but long enough to have a header of its own" * 40)
    assert main(["db", "upgrade"]) == 2
    assert "firewatch.db" in capsys.readouterr().err


def test_a_server_that_is_away_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", f"postgresql+psycopg://me:hidden@127.0.0.1:{free_port()}/fire")
    assert main(["db", "upgrade"]) == 2
    said = capsys.readouterr().err
    assert "127.0.0.1" in said
    assert "hidden" not in said


@pytest.mark.usefixtures("upgraded")
def test_going_back_asks_to_be_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "downgrade", "base"]) == 2
    assert main(["db", "downgrade", "nonsense", "--yes"]) == 2
    assert "nonsense" in capsys.readouterr().err
    assert main(["db", "downgrade", "base", "--yes"]) == 0


def test_people_and_programs_act_for_an_agency(
    upgraded: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, PASSWORD)
    assert main(["user", "add", "ranger", "--agency", "kangle"]) == 0
    assert main(["token", "add", "of kangle", "--agency", "kangle"]) == 0
    secret = capsys.readouterr().out.strip()
    with upgraded.read() as session:
        user, token = by_name(session, "ranger"), tokens.check(session, SystemClock(), secret)
    assert (user and user.agency_id, token and token.agency_id) == ("kangle", "kangle")
    for call, agency in ((["hezheng"], "hezheng"), ([], None)):
        assert main(["user", "agency", "ranger", *call]) == 0
        with upgraded.read() as session:
            user = by_name(session, "ranger")
        assert user is not None
        assert user.agency_id == agency
    assert main(["user", "agency", "ranger", "moon"]) == 2
    assert "there is no agency moon in agencies.csv; there are: hezheng, " in capsys.readouterr().err
    assert main(["user", "agency", "nobody"]) == 2
