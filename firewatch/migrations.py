"""The shape of the database, moved along one history. The scripts lie in alembic/, or inside the wheel."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from firewatch.db import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to a revision."""
    command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to a revision; `base` removes every table."""
    command.downgrade(_config(database), revision)


def check(database: Database) -> None:
    """Raise alembic's CommandError when the tables in the code are not those of the history."""
    command.check(_config(database))


def revise(database: Database, message: str) -> None:
    """Write the next migration from the difference between code and database: for developers."""
    command.revision(_config(database), message=message, autogenerate=True)


def pending(database: Database) -> bool:
    """Return whether the database is behind the code."""
    head = ScriptDirectory.from_config(_config(database)).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() != head


def _config(database: Database) -> Config:
    inside = Path(__file__).parent / "_alembic"
    folder = inside if inside.is_dir() else Path(__file__).parents[1] / "alembic"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes["database"] = database
    return config
