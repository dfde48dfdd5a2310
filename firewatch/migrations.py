"""The shape of the database, moved along one history. The scripts lie in alembic/, or inside the wheel."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from firewatch.db import Database
from firewatch.errors import BadInput


def open_database(url: str, *, new: bool = False, read_only: bool = False) -> Database:
    """Return the database at a URL; it has to be up to date unless it may be `new`.

    Raises BadInput when it is not there, does not answer or is behind the code.
    """
    place = f"database {make_url(url).render_as_string(hide_password=True)}"
    try:
        db = Database(url, create=new, read_only=read_only)
        db.ping()
        behind = not new and pending(db)
    except OSError as error:
        raise BadInput(f"{place}: cannot be opened: {error.strerror or error}") from None
    except SQLAlchemyError as error:
        raise BadInput(f"{place}: does not answer ({type(error).__name__})") from None
    if behind:
        raise BadInput(f"{place}: is behind the code: run `firewatch db upgrade` first")
    return db


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to a revision."""
    command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to a revision; `base` removes every table. Raises BadInput for an unknown one."""
    try:
        command.downgrade(_config(database), revision)
    except CommandError as error:
        raise BadInput(f"revision {revision}: {error}") from None


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
