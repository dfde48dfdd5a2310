"""Days of a season, from the weather of a real station to the alerts of its bulletins and warnings.

The whole season of 212 days is `make bench-season`; here a part of it, with every kind of version.
"""

from datetime import date
from pathlib import Path

import pytest

from firewatch.bulletins import record
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.service.alerts import Watcher, schema
from tests.service.season import open_season

SPRING = date(2026, 3, 26)
DAYS = 9


@pytest.mark.reference
def test_days_of_alerts_hold_to_the_schema(db: Database, rulebook: Rulebook, reference: Path) -> None:
    season = open_season(db, rulebook, reference, SPRING)
    season.corrected_every, season.withdrawn_every = 3, 7
    watcher = Watcher(season, schema(reference))
    for on, warnings in season.days(DAYS):
        watcher.look(on, warnings)
    watcher.warnings(season.end())
    assert len(watcher.days) == DAYS
    for profile in ("plain", "national"):
        found = {(subject, kind): number for (name, subject, kind), number in watcher.valid.items() if name == profile}
        assert found["bulletin", "Alert"] == DAYS
        assert found["bulletin", "Update"] == 2
        assert found["bulletin", "Cancel"] == 1
        assert found["warning", "Alert"] >= 1
        assert found["warning", "Update"] >= 1
        assert found["warning", "Cancel"] == len(rulebook.zones)
    with db.read() as session:
        told = [record.published(row).content for row in record.archive(session, SPRING, date.max)]
    grades = {tuple(zone.grade for zone in content.zones) for content in told}
    assert len(grades) > DAYS // 2, "the weather changes, and so do the grades"
