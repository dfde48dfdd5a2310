"""Starts the service in this process: for production out of the environment, for a demonstration out of the box."""

import gc
import os
import socket
import sys
from datetime import datetime
from pathlib import Path

import structlog
import uvicorn

from firewatch import i18n, log, migrations
from firewatch.access.models import Role
from firewatch.access.passwords import verify
from firewatch.access.users import add_user, by_name
from firewatch.app import MADE_UP, Parts, make_app, make_parts, prepare, public_base
from firewatch.check import findings
from firewatch.clock import SystemClock, local_day
from firewatch.db import Database
from firewatch.drill import mark_of
from firewatch.drilling import make_drill
from firewatch.errors import BadInput
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.settings import Settings, read_settings
from firewatch.training import seal

DEMO_USER = "duty"
DEMO_PASSWORD = "firewatch-demo"  # noqa: S105 - of a demonstration that listens on this machine only
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
STOP_SECONDS = 20
"""How long requests and messages under way may take to end when the service is told to stop."""

logger = structlog.get_logger(__name__)


def named_database(*, new: bool = False) -> Database:
    """Return the database the environment names. Raises BadInput as `migrations.open_database` does."""
    return migrations.open_database(read_settings().resolved_database_url(), new=new)


def named_folder() -> Path:
    """Return the config folder the environment names."""
    return read_settings().config_dir or default_folder()


def named_data_dir() -> Path:
    """Return the data folder the environment names."""
    return read_settings().data_dir


def named_link_base() -> str | None:
    """Return the public address the environment names, under which links are made."""
    return public_base(read_settings())


def named_rulebook() -> Rulebook:
    """Return the rulebook the environment names. Raises BadInput for a folder that cannot be used."""
    return read_rulebook(named_folder())


def named_parts() -> Parts:
    """Return what the environment names, without running it. Raises BadInput as `make_parts` does."""
    return make_parts(read_settings())


def serve() -> int:
    """Run the service until it is told to stop."""
    settings = read_settings()
    log.configure(settings.log_format, settings.log_level)
    parts = make_parts(settings)
    _refuse_a_drill(parts.db)
    _refuse_the_public_password(parts.db)
    if settings.sms_channel == "console" and not parts.book.alliance.demonstration:
        logger.warning("no_sms_leaves", why="FIREWATCH_SMS_CHANNEL is console: texts only show on the screen")
    return _listen(parts)


def demo(weather: Path | None) -> int:
    """Run the demonstration alliance: everything at once, nothing leaves this machine."""
    _refuse_real_people()
    settings = read_settings(replay=str(weather) if weather else MADE_UP, log_format="text", sms_channel="console")
    log.configure(settings.log_format, settings.log_level)
    parts = make_parts(settings, new=True)
    migrations.upgrade(parts.db)
    _refuse_a_drill(parts.db)
    with parts.db.write() as session:
        if by_name(session, DEMO_USER) is None:
            name = i18n.text(settings.language, "demo.duty_officer")
            add_user(session, parts.clock, DEMO_USER, name, DEMO_PASSWORD, Role.DUTY_OFFICER)
    prepare(parts)
    return _listen(parts, greet=True)


def drill(name: str | None, weather: str | None, start: datetime | None, speed: float | None) -> int:
    """Run a drill beside the real service, over a database of its own, until it is told to stop."""
    settings = read_settings()
    log.configure(settings.log_format, settings.log_level)
    asked = {"clock_start": start, "clock_speed": speed, "replay": weather}
    today = local_day(SystemClock().now(), named_rulebook().alliance.tz)
    given = {key: value for key, value in asked.items() if value is not None}
    parts = make_drill(settings, name or today.isoformat(), **given)
    if settings.host not in LOOPBACK:
        _refuse_the_public_password(parts.db)
    logger.info(
        "drill",
        name=parts.drill.name if parts.drill else "",
        reaches=len(seal.open_numbers(parts.book)),
        sms=parts.settings.sms_channel,
    )
    return _listen(parts)


def _refuse_a_drill(db: Database) -> None:
    """Refuse to serve a drill's database as if what stands in it were real."""
    mark = mark_of(db)
    if mark is not None:
        raise BadInput(f"this is the database of the drill {mark.name}: `firewatch drill {mark.name}` goes on with it")


def _refuse_the_public_password(db: Database) -> None:
    """Refuse to serve a demonstration's data folder with the password that everybody can read."""
    with db.read() as session:
        user = by_name(session, DEMO_USER)
    if user is not None and user.active and verify(user.password_hash, DEMO_PASSWORD):
        raise BadInput(
            f"user {DEMO_USER} still has the demonstration's public password: run `firewatch user password {DEMO_USER}`"
        )


def _refuse_real_people() -> None:
    if os.environ.get("FIREWATCH_SMS_CHANNEL", "console") != "console":
        raise BadInput("FIREWATCH_SMS_CHANNEL: the demonstration never sends to real phones; use `firewatch serve`")
    if os.environ.get("FIREWATCH_SMTP_HOST"):
        raise BadInput("FIREWATCH_SMTP_HOST: the demonstration never sends to real mailboxes; use `firewatch serve`")


def _listen(parts: Parts, *, greet: bool = False) -> int:
    settings = parts.settings
    try:
        listening = _socket(settings)
    except OSError as error:
        raise BadInput(
            f"FIREWATCH_HOST/FIREWATCH_PORT: cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        ) from None
    address = f"http://{settings.host}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        make_app(parts, lambda: findings(settings)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        proxy_headers=False,
    )
    if greet:
        _greet(address)
    logger.info("listening", address=address)
    gc.freeze()  # what the program consists of never goes: not to look at it saves pauses
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    listening.set_inheritable(True)
    return listening


def _greet(address: str) -> None:
    print(
        f"\n  firewatch 演示 / demonstration:  {address}\n"
        f"  用户 user:  {DEMO_USER}    密码 password:  {DEMO_PASSWORD}\n"
        "  天气为编造或回放数据，短信只显示在屏幕上。按 Ctrl-C 停止。\n"
        "  Weather is made up or replayed; messages only show on the screen. Ctrl-C stops.\n",
        file=sys.stdout,
        flush=True,
    )
