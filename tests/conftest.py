"""What every test may ask for: the reference folder, a fresh database of each kind, a clock, a rulebook."""

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
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from tests.postgres import postgres_server

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("firewatch", deadline=None)
hypothesis.settings.load_profile("firewatch")

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)  # noon in Linxia, in the spring fire season


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


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database, once of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "firewatch.db"
        file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        database = Database(f"sqlite:///{file}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    yield database
    if not database.is_sqlite:
        _empty(database)
    database.dispose()


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
