"""One history for both databases: up, in step with the code, down and up again."""

from sqlalchemy import inspect

from firewatch import migrations
from firewatch.db import Database


def test_history_is_in_step_with_the_code(db: Database) -> None:
    migrations.check(db)
    assert not migrations.pending(db)


def test_down_and_up_again(db: Database) -> None:
    before = set(inspect(db.engine).get_table_names())
    migrations.downgrade(db, "base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    assert migrations.pending(db)
    migrations.upgrade(db)
    assert set(inspect(db.engine).get_table_names()) == before
    migrations.check(db)
