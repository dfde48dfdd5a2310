"""What tells the consoles that something has changed: a number that grows with every commit worth looking at.

It carries no data: whoever hears of a change asks again, with his own rights and in his own language. Commits of this
process are heard at once; those of other processes by PostgreSQL's own notifications (`hear`), on SQLite by whoever
asks again from time to time.
"""

import threading
from collections.abc import Callable
from typing import Any, Final, cast

import psycopg
import structlog
from sqlalchemy import Result, event, text
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

log = structlog.get_logger(__name__)

QUIET: Final = frozenset({"api_token", "job_run", "raw_payload", "web_session"})
"""Tables that change all the time and that nobody watches."""
CHANNEL: Final = "firewatch_changed"
AGAIN_SECONDS: Final = 2.0
"""Between two tries to hear PostgreSQL; also how soon `stop` is noticed."""
TOUCHED: Final = "touched"

Listener = Callable[[], None]


class Pulse:
    """The number and those who wait for it; safe from any thread."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.revision = 0
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def beat(self) -> None:
        """Count a change and tell everybody; a listener is called in this thread and must not block."""
        with self._lock:
            self.revision += 1
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have a listener called at every change; return what ends that."""
        with self._lock:
            self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)


class WritingSession(Session):
    """A session that remembers whether it changed anything that is watched."""

    @property
    def touched(self) -> bool:
        """Whether it did, as far as it was flushed."""
        return bool(self.info.get(TOUCHED))

    def notify(self) -> None:
        """Have other processes told at the commit, where the database can."""
        self.flush()
        if self.touched and self.get_bind().dialect.name == "postgresql":
            self.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


@event.listens_for(WritingSession, "after_flush")
def _flushed(session: Session, _context: UOWTransaction) -> None:
    rows = (*session.new, *session.dirty, *session.deleted)
    if any(row.__tablename__ not in QUIET for row in rows):
        session.info[TOUCHED] = True


@event.listens_for(WritingSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> Result[Any] | None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return None
    table: Any = getattr(state.statement, "table", None)
    result: Any = state.invoke_statement()
    # Where no rows are counted some may have changed.
    if getattr(result, "rowcount", None) != 0 and getattr(table, "name", "") not in QUIET:
        state.session.info[TOUCHED] = True
    return cast("Result[Any]", result)


class Ear:
    """A thread that hears on PostgreSQL what other processes commit. Deaf for a while, it beats when it hears again."""

    def __init__(self, conninfo: str, pulse: Pulse) -> None:
        """Make ready; `conninfo` is libpq's."""
        self.conninfo, self.pulse = conninfo, pulse
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse-ear", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear()
            except psycopg.Error as error:
                log.warning("pulse_deaf", error=type(error).__name__)
                self._stopping.wait(AGAIN_SECONDS)

    def _hear(self) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self.pulse.beat()  # what was missed meanwhile
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=AGAIN_SECONDS, stop_after=1):
                    self.pulse.beat()
