import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import Conflict, NotFound
from firewatch.resources import pool, status
from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle
from firewatch.resources.models import ResourceStatus as S
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.resources import Resources
from tests.build import prepare, rows, set_rows

CREW, VEHICLE = "kangle-pro", "kangle-carrier-1"
RULES = Resources()


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def set_status(db: Database, clock: FixedClock, name: str, new: ResourceStatus) -> Crew | Vehicle:
    with db.write() as session:
        return status.set_status(session, clock, RULES, name, new)


@pytest.mark.parametrize("name", [CREW, VEHICLE])
def test_a_working_day_by_hand(db: Database, clock: FixedClock, name: str) -> None:
    for new in (S.OUT_OF_SERVICE, S.AVAILABLE):
        clock.advance(minutes=5)
        row = set_status(db, clock, name, new)
        assert (row.status, row.status_at) == (new, clock.now())
    set_rows(db, Crew if name == CREW else Vehicle, [name], status=S.RELEASED)
    for new in (S.RESTING, S.AVAILABLE):
        assert set_status(db, clock, name, new).status == new


@pytest.mark.parametrize(
    ("now", "new"),
    [
        (S.AVAILABLE, S.RESTING),
        (S.AVAILABLE, S.ASSIGNED),
        (S.RELEASED, S.EN_ROUTE),
        (S.OUT_OF_SERVICE, S.RESTING),
        *((held, new) for held in (S.ASSIGNED, S.EN_ROUTE, S.ON_SCENE) for new in (S.AVAILABLE, S.OUT_OF_SERVICE)),
    ],
)
def test_what_is_not_for_hands(db: Database, clock: FixedClock, now: S, new: S) -> None:
    set_rows(db, Crew, [CREW], status=now)
    with pytest.raises(Conflict):
        set_status(db, clock, CREW, new)
    assert rows(db, Crew, Crew.id == CREW)[0].status is now


def test_who_does_not_exist_is_not_found(db: Database, clock: FixedClock) -> None:
    with pytest.raises(NotFound):
        set_status(db, clock, "kangle-depot", S.AVAILABLE)


def test_the_free_are_those_available_and_active(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    set_rows(db, Crew, [CREW], status=S.RESTING)
    set_rows(db, Vehicle, [VEHICLE], active=False)
    set_rows(db, Depot, ["kangle-depot"], active=False)
    with db.read() as session:
        assert [row.id for row in pool.crews(session)] == sorted(row.id for row in rulebook.crews)
        free = pool.free(session, clock.now(), RULES)
        assert {row.id for row in rulebook.crews} - {row.id for row in free.crews} == {CREW}
        assert [(entry["resource"], entry["status"], entry["rests_until"]) for entry in free.kept_out] == [
            (CREW, S.RESTING, None)
        ]
        assert {row.id for row in rulebook.vehicles} - {row.id for row in pool.vehicles(session)} == {VEHICLE}
        assert {row.id for row in rulebook.depots} - {row.id for row in pool.depots(session)} == {"kangle-depot"}


def reserved(db: Database) -> dict[tuple[str, str], int]:
    return {(row.depot_id, row.capability): row.reserved for row in rows(db, Stock) if row.reserved}


def test_tools_are_taken_and_brought_back(db: Database, rulebook: Rulebook) -> None:
    load = {"kangle-depot": {"blower": 20, "radio": 12}, "hezheng-depot": {"pump": 1}}
    with db.write() as session:
        status.reserve_stock(session, load)
    assert reserved(db) == {
        ("kangle-depot", "blower"): 20,
        ("kangle-depot", "radio"): 12,
        ("hezheng-depot", "pump"): 1,
    }
    with db.read() as session:
        left = pool.stock_by_depot(session)
    whole = {row.id: dict(row.stock) for row in rulebook.depots}
    assert (left["kangle-depot"]["blower"], left["kangle-depot"]["radio"]) == (5, 0)
    assert left["prefecture-depot"] == whole["prefecture-depot"]
    for _ in range(2):  # brought back twice is not more than there was
        with db.write() as session:
            status.return_stock(session, load)
        assert reserved(db) == {}


@pytest.mark.parametrize("load", [{"blower": 26}, {"radio": 1, "blower": 26}, {"helicopter": 1}])
def test_what_is_not_there_cannot_be_taken(db: Database, load: dict[str, int]) -> None:
    with pytest.raises(Conflict, match="kangle-depot"), db.write() as session:
        status.reserve_stock(session, {"kangle-depot": load})
    assert reserved(db) == {}
