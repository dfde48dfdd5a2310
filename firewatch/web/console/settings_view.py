"""The running configuration as its page shows it: every value with where it comes from, and how its parts are doing."""

import json
import platform
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, NamedTuple, get_args

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from firewatch import __version__
from firewatch.access.permissions import may_change
from firewatch.clock import SystemClock
from firewatch.db import Database
from firewatch.hotspots import tickets
from firewatch.messaging.channels import EMAIL, SMS
from firewatch.messaging.models import Message
from firewatch.rulebook.alliance import MinuteOfDay
from firewatch.web.console import sources_view
from firewatch.web.console.page import Page
from firewatch.web.services import Installed

Findings = Sequence[tuple[bool, str, str]]
"""Whether it is well, what was looked at, what was found."""
RULES: Final = (
    *("alliance", "weather", "danger", "dispatch", "messages", "warnings"),
    *("outlook", "bulletins", "hotspots", "roads", "resources", "map", "photos", "fire_classes"),
)
"""Parts of the rulebook with a TOML file of the same name."""
TABLES: Final = ("zones", "agencies", "contacts", "duty", "crews", "vehicles", "depots", "places")
PACKAGES: Final = ("fastapi", "sqlmodel", "sqlalchemy", "numpy", "highspy", "apscheduler", "twilio", "typst", "scipy")
_MINUTE_OF_DAY: Final = get_args(MinuteOfDay)[1]


class Rule(NamedTuple):
    """A key of a file: its value as it counts, and whether the file says it."""

    key: str
    value: str
    given: bool


class RuleFile(NamedTuple):
    """A file of the rulebook; one that is not there leaves every default."""

    name: str
    there: bool
    rules: Sequence[Rule]


class Reached(NamedTuple):
    """Somebody outside: what he is for, when he last answered, what was wrong since."""

    kind: str
    name: str
    at: datetime | None
    error: str | None


class Part(NamedTuple):
    """A file or folder of the data folder, and its bytes with all that is in it."""

    name: str
    size: int


@dataclass(frozen=True)
class Machine:
    """What it all runs on."""

    versions: Mapping[str, str]
    database: str
    parts: Sequence[Part]
    free: int
    """Bytes on the disk of the data folder."""
    clock_ahead_seconds: float
    """Of the service's clock, against the machine's."""
    database_ahead_seconds: float | None
    """Of a database server's clock, against the machine's; None: it is the same."""


@dataclass(frozen=True)
class SettingsPage:
    """What the coordinating office is shown; `of_office` is false for everybody else, and all else empty."""

    of_office: bool
    installed: Installed | None = None
    files: Sequence[RuleFile] = ()
    tables: Mapping[str, int] | None = None
    reached: Sequence[Reached] = ()
    machine: Machine | None = None
    next_runs: Sequence[tuple[str, datetime]] = ()


def is_of_the_office(page: Page) -> bool:
    """Return whether the reader acts for the coordinating office, or for the whole alliance."""
    office = page.services.book.alliance.duty_agency
    return page.visitor is not None and may_change(page.visitor.agency_id, office, office)


def build(session: Session, page: Page) -> SettingsPage:
    """Read how the installation stands."""
    installed, book = page.services.installed, page.services.book
    if installed is None or not is_of_the_office(page):
        return SettingsPage(of_office=is_of_the_office(page))
    return SettingsPage(
        of_office=True,
        installed=installed,
        files=[RuleFile(*_file(installed.config_dir, name, getattr(book, name))) for name in RULES],
        tables={name: len(getattr(book, name)) for name in TABLES},
        reached=list(_reached(session, page)),
        machine=_machine(session, page.services.db, page, installed.data_dir),
        next_runs=sorted(installed.next_runs(page.speech.now), key=lambda run: run[1]),
    )


def _file(folder: Path, name: str, table: BaseModel) -> tuple[str, bool, Sequence[Rule]]:
    file = f"{name}.toml"
    return file, (folder / file).is_file(), list(rules(table))


def rules(table: BaseModel, within: str = "", *, given: bool = True) -> Iterator[Rule]:
    """Return the keys of a table and of those within it; what an entry of a list says is numbered from 1."""
    for name, field in type(table).model_fields.items():
        value, key, said = getattr(table, name), f"{within}{name}", given and name in table.model_fields_set
        if isinstance(value, BaseModel):
            yield from rules(value, f"{key}.", given=said)
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], BaseModel):
            for number, entry in enumerate(value, start=1):
                yield from rules(entry, f"{key}[{number}].", given=said)
        elif _MINUTE_OF_DAY in field.metadata and isinstance(value, int):
            yield Rule(key, f"{value // 60:02d}:{value % 60:02d}", said)
        else:
            yield Rule(key, _written(value), said)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _reached(session: Session, page: Page) -> Iterator[Reached]:
    for row in sources_view.build(session, page).sources:
        status = row.view.status
        yield Reached(
            "weather", row.view.source.id, status.last_success_at if status else None, status.error if status else None
        )
    for each in tickets.sources(session) if page.services.hotspots_on else ():
        yield Reached("hotspots", each.source, each.last_answered_at, each.error)
    newest = select(Message.channel, func.max(col(Message.handed_over_at))).group_by(Message.channel)
    taken = dict(session.exec(newest).all())
    yield Reached("messages", page.services.sms_channel, taken.get(SMS), None)
    if page.services.mail_on:
        yield Reached("messages", EMAIL, taken.get(EMAIL), None)


def _machine(session: Session, db: Database, page: Page, data_dir: Path) -> Machine:
    here = SystemClock().now()
    theirs = None if db.is_sqlite else session.exec(select(func.clock_timestamp())).one()
    dialect = db.engine.dialect
    release = ".".join(str(part) for part in getattr(dialect, "server_version_info", None) or ())
    return Machine(
        versions={
            "firewatch": __version__,
            "python": platform.python_version(),
            "system": platform.platform(terse=True),
            **{name: found for name in PACKAGES if (found := _version(name))},
        },
        database=f"{dialect.name} {release or sqlite3.sqlite_version}",
        parts=sorted((Part(each.name, _size(each)) for each in data_dir.iterdir()), key=lambda part: -part.size),
        free=shutil.disk_usage(data_dir).free,
        clock_ahead_seconds=(page.services.clock.now() - here).total_seconds(),
        database_ahead_seconds=None if theirs is None else (theirs - here).total_seconds(),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all in a folder; what goes away meanwhile takes none."""
    if not path.is_dir():
        return path.stat().st_size if path.exists() else 0
    return sum(_size(each) for each in path.iterdir())
