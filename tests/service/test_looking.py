"""Whoever only looks waits for nobody: not for a writer of this process, nor for one of another."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from firewatch.access import tokens
from firewatch.access.models import ApiToken, Role
from firewatch.clock import FixedClock
from firewatch.db import Database


@pytest.fixture
def token_id(db: Database, clock: FixedClock) -> int:
    with db.write() as session:
        return tokens.create(session, clock, "dispatch", Role.DUTY_OFFICER)[0].id or 0


def used_at(db: Database) -> datetime | None:
    with db.read() as session:
        return session.exec(select(ApiToken.last_used_at)).one()


def test_what_may_wait_is_done_when_nobody_writes(db: Database, clock: FixedClock, token_id: int) -> None:
    assert db.write_if_free(lambda session: tokens.note_use(session, clock, token_id))
    assert used_at(db) == clock.now()


@pytest.mark.timeout(20)  # SQLite would wait for thirty seconds
def test_it_is_left_for_the_next_time_while_somebody_writes(db: Database, clock: FixedClock, token_id: int) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL's writers do not wait for each other's rows")
    other = Database(db.url.render_as_string(hide_password=False))  # another process, as far as SQLite can tell
    for writer in (db, other):
        with writer.write() as session:
            assert session.exec(select(ApiToken)).one()
            assert not db.write_if_free(lambda mine: tokens.note_use(mine, clock, token_id))
    assert used_at(db) is None
    assert db.write_if_free(lambda session: tokens.note_use(session, clock, token_id)), "and the lock is free again"
    other.dispose()


def test_what_fails_leaves_nothing_locked(db: Database, token_id: int) -> None:
    def fail(_: Session) -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        db.write_if_free(fail)
    with db.write() as session:
        assert session.get(ApiToken, token_id) is not None
