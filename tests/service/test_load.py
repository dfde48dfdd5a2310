from dataclasses import replace

from firewatch.agencies.models import Agency, Contact, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.resources import pool
from firewatch.resources.models import Crew, Depot, ResourceStatus, Stock, Vehicle
from firewatch.rulebook.read import Rulebook
from tests.build import ordered_fire, prepare, rows, set_rows

TABLES = (Agency, Contact, DutyShift, Crew, Vehicle, Depot, Stock)


def everything(db: Database) -> dict[str, list[dict[str, object]]]:
    return {table.__tablename__: [row.model_dump() for row in rows(db, table)] for table in TABLES}


def test_the_config_is_what_is_loaded(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    for table, wanted in (
        (Agency, rulebook.agencies),
        (Contact, rulebook.contacts),
        (Crew, rulebook.crews),
        (Vehicle, rulebook.vehicles),
        (Depot, rulebook.depots),
    ):
        found = {row.id: row for row in rows(db, table)}
        assert set(found) == {row.id for row in wanted}
        assert all(row.active for row in found.values())
    crew = rows(db, Crew, Crew.id == "linxia-county-yingtan")[0]
    assert (crew.may_attack, crew.people, crew.provides, crew.agency_id) == (
        False,
        30,
        {"support": 30},
        "linxia-county",
    )
    assert crew.status is ResourceStatus.AVAILABLE
    assert {(row.depot_id, row.capability): row.units for row in rows(db, Stock)} == {
        (depot.id, tool): units for depot in rulebook.depots for tool, units in depot.stock.items()
    }
    night = rows(db, DutyShift, DutyShift.contact_id == "kangle-deputy")
    assert [(row.weekdays, row.from_minute, row.to_minute) for row in night] == [("1234567", 1200, 480)]


def test_loading_again_changes_nothing(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    before = everything(db)
    prepare(db, rulebook)
    after = everything(db)
    shifts = [{**row, "id": None} for row in before.pop("duty_shift")]
    assert [{**row, "id": None} for row in after.pop("duty_shift")] == shifts
    assert after == before


def test_what_the_folder_says_of_resources_later_changes_nothing(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)
    set_rows(db, Crew, ["kangle-pro"], people=40)
    set_rows(db, Vehicle, ["kangle-carrier-1"], active=False)
    before = everything(db)
    crews = tuple(row.model_copy(update={"people": 1, "name_en": "New"}) for row in rulebook.crews)
    prepare(db, replace(rulebook, crews=crews, vehicles=(), depots=()))
    after = everything(db)
    assert all(after[name] == before[name] for name in ("crew", "vehicle", "depot", "stock"))


def test_an_agency_that_leaves_takes_its_resources_out_of_the_pool_and_brings_them_back(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    smaller = replace(
        rulebook,
        agencies=tuple(row for row in rulebook.agencies if row.id != "kangle"),
        contacts=tuple(row for row in rulebook.contacts if row.agency != "kangle"),
        duty=tuple(row for row in rulebook.duty if not row.contact.startswith("kangle")),
    )
    prepare(db, smaller)
    assert {row.agency_id for row in rows(db, Contact) if not row.active} == {"kangle"}
    assert [row.id for row in rows(db, Agency) if not row.active] == ["kangle"]
    with db.read() as session:
        for found in (pool.crews(session), pool.vehicles(session), pool.depots(session)):
            assert {row.agency_id for row in found} == {row.id for row in smaller.agencies}
    prepare(db, rulebook)
    assert all(row.active for table in (Agency, Contact, Crew, Vehicle, Depot) for row in rows(db, table))
    with db.read() as session:
        assert len(pool.crews(session)) == len(rulebook.crews)
