"""How ready the pool stands between fires: short reserves, the first attack, and that no change of either is missed."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import closures
from firewatch.dispatch.closures import NewClosure
from firewatch.dispatch.isochrones import Window
from firewatch.dispatch.readiness import MOST_PICTURES, Readiness, Ready
from firewatch.dispatch.travel import estimate
from firewatch.resources.models import Crew, ResourceStatus, Vehicle
from firewatch.rulebook.read import Rulebook
from tests.build import OFFICER, prepare

REGION = Window(102.4, 34.8, 104.2, 36.0, 60, 50)


@pytest.fixture
def readiness(db: Database, rulebook: Rulebook) -> Readiness:
    prepare(db, rulebook)
    return Readiness(rulebook, estimate(rulebook.dispatch))


def look(readiness: Readiness, db: Database, clock: FixedClock) -> Ready:
    with db.read() as session:
        return readiness.look(session, clock)


def everybody_out(db: Database) -> None:
    with db.write() as session:
        for row in (*session.exec(select(Crew)), *session.exec(select(Vehicle))):
            row.status = ResourceStatus.OUT_OF_SERVICE


def test_it_stands_until_something_changes(readiness: Readiness, db: Database, clock: FixedClock) -> None:
    first = look(readiness, db, clock)
    assert first.starts
    assert look(readiness, db, clock) is first
    with db.write() as session:
        session.get_one(Vehicle, "lianhuashan-carrier-1").turnout_minutes += 1
    second = look(readiness, db, clock)
    assert second is not first
    with db.write() as session:
        closures.close(session, clock, NewClosure(lat=35.3, lon=103.6, reason="landslide"), OFFICER)
    third = look(readiness, db, clock)
    assert third is not second
    assert [each.lat for each in third.closed] == [35.3]


def test_minutes_that_were_corrected_are_looked_at_anew(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    readiness = Readiness(rulebook, replace(estimate(rulebook.dispatch), edition=1))
    first = look(readiness, db, clock)
    readiness._travel = replace(estimate(rulebook.dispatch), edition=2)
    assert look(readiness, db, clock) is not first


def test_with_nobody_free_every_zone_is_short_and_nobody_comes(
    readiness: Readiness, db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    # Nothing was assessed: every zone counts as "no data", and ten people are wanted.
    assert [gap.short for gap in look(readiness, db, clock).gaps] == []
    everybody_out(db)
    ready = look(readiness, db, clock)
    assert [(gap.reserve, gap.short) for gap in ready.gaps] == [
        (name, 10) for name in sorted(z.id for z in rulebook.zones)
    ]
    assert not ready.moves
    assert not ready.starts
    assert all(not band.rings for band in readiness.picture(ready, REGION).bands)


def test_the_picture_of_the_demonstration_is_quick_and_kept(
    readiness: Readiness, db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    began = perf_counter()
    ready = look(readiness, db, clock)
    picture = readiness.picture(ready, REGION)
    assert perf_counter() - began < 1.0, "300 ms on a quiet machine"
    assert [band.most for band in picture.bands] == [np.inf, *sorted(rulebook.dispatch.first_attack_minutes)[::-1]]
    assert all(band.rings for band in picture.bands)
    assert readiness.picture(ready, REGION) is picture
    for number in range(MOST_PICTURES):
        readiness.picture(ready, replace(REGION, across=2 + number, down=2))
    assert len(ready.pictures) <= MOST_PICTURES
