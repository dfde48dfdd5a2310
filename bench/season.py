"""A whole season of alerts: every CAP of 212 days, from the weather of a real station, held against the OASIS schema.

    python -m bench.season [--days 212] [--reference DIR]

Day by day the weather of the station comes in, every zone is graded, the outlook is made, the bulletin is drafted,
signed, now and then corrected or withdrawn, and warnings are issued, prolonged, lowered and in the end lifted. What
programs fetch of it, under the plain profile and under one with codes of its own, is validated, and every reference
must name an alert that was sent. A failure ends it with the schema's own words.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from firewatch import migrations
from firewatch.bulletins import record, review
from firewatch.db import Database
from firewatch.resources.load import load
from firewatch.rulebook.read import default_folder, read_rulebook
from tests.service.alerts import Watcher, schema
from tests.service.season import FIRST, SEASON_DAYS, Season, open_season

ROOT = Path(__file__).parents[1]
REFERENCE = Path(os.environ.get("FIREWATCH_REFERENCE", ROOT.parent / "shared" / "reference"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=SEASON_DAYS)
    parser.add_argument("--reference", type=Path, default=REFERENCE)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'season.db'}")
        migrations.upgrade(database)
        book = read_rulebook(default_folder())
        with database.write() as session:
            load(session, book)
        season = open_season(database, book, given.reference)
        began = time.perf_counter()
        watcher = play(season, given.reference, given.days)
        tell(season, watcher, time.perf_counter() - began)
        database.dispose()


def play(season: Season, reference: Path, days: int) -> Watcher:
    watcher = Watcher(season, schema(reference))
    for on, warnings in season.days(days):
        watcher.look(on, warnings)
    watcher.warnings(season.end())
    assert len(watcher.days) == days
    return watcher


def tell(season: Season, watcher: Watcher, seconds: float) -> None:
    print(f"{len(watcher.days)} days in {seconds:.0f} s; alerts valid by CAP-v1.2.xsd, invalid 0:")
    for (profile, subject, kind), number in sorted(watcher.valid.items()):
        print(f"  {profile:9} {subject:9} {kind:7} {number:6}")
    print(f"  together {watcher.valid.total()}")
    with season.db.read() as session:
        rows = record.archive(session, FIRST, max(watcher.days))
        grades = Counter(zone.grade for row in rows for zone in record.published(row).content.zones)
        print("grades foretold for the day of the bulletin:", dict(sorted(grades.items())))
        period = review.season_named(season.book, str(FIRST.year))
        for score in review.review(session, season.clock.now(), season.book, period).scores:
            print(
                f"persistence, {score.lead} d ahead: {score.hits}/{score.pairs} right, {score.missed_high} high missed"
            )


if __name__ == "__main__":
    main()
