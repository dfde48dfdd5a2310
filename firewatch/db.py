"""The database: one engine, two kinds of transaction, and column types that refuse doubtful values.

A transaction is a boundary: one for a request or a job, committed once, here. On SQLite every writing
transaction begins with BEGIN IMMEDIATE (the driver's default loses updates silently, a plain BEGIN locks) and
passes one in-process lock, so that writers queue in order instead of colliding. PostgreSQL needs neither.
"""

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, Enum, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from firewatch.pulse import Ear, Pulse, WritingSession

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING

READ_ONLY, NO_WAIT = "firewatch_read_only", "firewatch_no_wait"
BUSY_MS = 30_000
"""How long SQLite waits for a writer of another process."""
CONNECTIONS = 10
"""A process opens to PostgreSQL at the most, beside the one it listens on: eight processes stay below its usual 100."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values on the way in; answers aware UTC on the way out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; raise ValueError for a naive one."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value.isoformat()}: an instant needs its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite returns naive values: they were stored as UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON document: plain text of the same shape on both databases."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def words(states: type[StrEnum]) -> Any:  # noqa: ANN401 - SQLModel wants a type where an instance is meant
    """Return the column type of a `StrEnum`: its words as plain text, readable in any tool and simple to extend."""
    return Enum(states, native_enum=False, length=20, values_callable=lambda members: [m.value for m in members])


class Database:
    """An engine with its two kinds of transaction: `write()` commits once at its end, `read()` never writes."""

    def __init__(self, url: str, *, create: bool = True, read_only: bool = False) -> None:
        """Open the database at a SQLAlchemy URL (`sqlite:///file` or `postgresql+psycopg://...`).

        `create` makes a SQLite file and its folder if need be; without it OSError tells that there is none.
        Where it is opened `read_only`, the database itself refuses every change.
        """
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            _sqlite_file(Path(self.url.database), create=create)
        self.engine = _sqlite_engine(url, read_only) if self.is_sqlite else _postgres_engine(url, read_only)
        self._reading = self.engine.execution_options(**{READ_ONLY: True})
        self._write_lock: Any = threading.Lock() if self.is_sqlite else nullcontext()
        self.pulse = Pulse()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed when the block ends and undone when it raises."""
        with self._write_lock, WritingSession(self.engine, expire_on_commit=False) as session:
            yield session
            session.notify()
            session.commit()
        if session.touched:
            self.pulse.beat()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Hear of the commits of other processes meanwhile, where the database can tell of them."""
        if self.is_sqlite:
            yield
            return
        ear = Ear(self.url.set(drivername="postgresql").render_as_string(hide_password=False), self.pulse)
        ear.start()
        try:
            yield
        finally:
            ear.stop()

    def write_if_free(self, work: Callable[[Session], None]) -> bool:
        """Do some work that may as well be done next time, unless it would have to wait; return whether it was done.

        SQLite has one writer at a time, who may be busy for seconds: whoever only looks must not wait for him.
        """
        if not self.is_sqlite:
            with self.write() as session:
                work(session)
            return True
        if not self._write_lock.acquire(blocking=False):
            return False
        try:
            with Session(self.engine.execution_options(**{NO_WAIT: True}), expire_on_commit=False) as session:
                work(session)
                session.commit()
        except OperationalError:  # another process writes
            return False
        finally:
            self._write_lock.release()
        return True

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session for looking only; it holds no write lock and is rolled back."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    def ping(self) -> None:
        """Raise whatever the driver raises when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _postgres_engine(url: str, read_only: bool) -> Engine:
    # Parameters stay out of errors, hence out of logs: phone numbers are among them.
    connect = {"options": "-c default_transaction_read_only=on"} if read_only else {}
    return create_engine(
        url, connect_args=connect, pool_pre_ping=True, pool_size=CONNECTIONS, max_overflow=0, hide_parameters=True
    )


def _sqlite_file(file: Path, *, create: bool) -> None:
    if create:
        file.parent.mkdir(parents=True, exist_ok=True)
    elif not file.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is none: run `firewatch db upgrade` to make it", str(file))


def _sqlite_engine(url: str, read_only: bool) -> Engine:
    connect = {"timeout": BUSY_MS / 1000, "check_same_thread": False}
    engine = create_engine(url, connect_args=connect, pool_size=10, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own connection type
        # The driver must not begin transactions by itself: we do, below.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(NO_WAIT, False):
            only_looks = read_only or options.get(READ_ONLY, False)
            connection.exec_driver_sql("BEGIN" if only_looks else "BEGIN IMMEDIATE")
            return
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")

    return engine


def in_turn(session: Session, what: str) -> None:
    """Let transactions that do the same thing pass one at a time; the turn ends with the transaction.

    SQLite's writers queue anyway; PostgreSQL takes an advisory lock named by `what`.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})
