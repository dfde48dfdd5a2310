"""What every test may ask for: the reference folder, a fresh database of each kind, a clock, a rulebook."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import exists, literal, select, text, union_all
from sqlmodel import SQLModel

from firewatch import migrations
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.pulse import Pulse
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from tests.postgres import postgres_server

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("firewatch", deadline=None)
hypothesis.settings.load_profile("firewatch")

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)  # noon in Linxia, in the spring fire season


def pytest_collection_finish() -> None:
    """Look no more at what the program and the tests consist of: each full collection would, for a second and more."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage once: on PostgreSQL the same lines run again, and measuring nearly doubles their time."""
    for item in items:
        given = getattr(item, "callspec", None)
        if given is not None and "postgresql" in given.params.values():
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with real data, or skip."""
    folder = Path(os.environ.get("FIREWATCH_REFERENCE", ROOT.parent / "shared" / "reference"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder} (FIREWATCH_REFERENCE)")
    return folder


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The demonstration alliance."""
    return read_rulebook(default_folder())


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still at noon of 1 April 2026."""
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of its own on a real PostgreSQL, migrated once; every test empties what it filled."""
    with postgres_server() as url:
        database = Database(url)
        migrations.upgrade(database)
        database.dispose()
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Database:
    """What all tests on PostgreSQL open: what SQLAlchemy compiled for one is there for the next."""
    return Database(postgres_url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{file}")
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return file


@pytest.fixture(scope="session")
def sqlite(sqlite_template: Path) -> Database:
    """What all tests on SQLite open, as with PostgreSQL; each finds the file made anew."""
    return Database(f"sqlite:///{sqlite_template.with_name('firewatch.db')}")


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database, once of each kind."""
    database: Database = request.getfixturevalue("sqlite" if request.param == "sqlite" else "postgres")
    database.pulse = Pulse()
    if database.is_sqlite:
        _copy(request.getfixturevalue("sqlite_template"), Path(database.url.database or ""))
    yield database
    if not database.is_sqlite:
        _empty(database)
    database.dispose()


def _copy(template: Path, file: Path) -> None:
    """Put a file that nobody has open in the place of the last test's."""
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    file.write_bytes(template.read_bytes())


def _empty(database: Database) -> None:
    """Delete what a test wrote, from the tables that have rows: several times quicker than emptying them all."""
    tables = {table.name: table for table in reversed(SQLModel.metadata.sorted_tables)}
    with database.engine.begin() as connection:
        full = union_all(*(select(literal(name)).where(exists().select_from(table)) for name, table in tables.items()))
        for name in [row[0] for row in connection.execute(full)]:
            connection.execute(tables[name].delete())
        used = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        for (name,) in connection.execute(text(used)).all():
            connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))
