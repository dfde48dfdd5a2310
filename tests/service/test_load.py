from dataclasses import replace

from firewatch.agencies.models import Agency, Contact, DutyShift
from firewatch.clock import FixedClock
from firewatch.db import Database
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


def test_what_changed_in_the_config_changes_and_what_happened_stays(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    _, given = ordered_fire(db, clock, rulebook)
    taken = {row.id: row.status for row in rows(db, Crew)}
    reserved = {row.id: row.reserved for row in rows(db, Stock)}
    set_rows(db, Crew, ["jishishan-pro"], status=ResourceStatus.RESTING, status_at=clock.now())
    taken["jishishan-pro"] = ResourceStatus.RESTING
    crews = tuple(row.model_copy(update={"people": row.people + 1, "name_en": "New"}) for row in rulebook.crews)
    depots = tuple(row.model_copy(update={"stock": {**row.stock, "blower": 99, "drone": 2}}) for row in rulebook.depots)
    prepare(db, replace(rulebook, crews=crews, depots=depots))
    assert given
    assert {row.id: row.people for row in rows(db, Crew)} == {row.id: row.people for row in crews}
    assert {row.name_en for row in rows(db, Crew)} == {"New"}
    assert {row.id: row.status for row in rows(db, Crew)} == taken
    stock = rows(db, Stock)
    assert {row.id: row.reserved for row in stock if row.id in reserved} == reserved
    assert {row.units for row in stock if row.capability == "blower"} == {99}
    assert len([row for row in stock if row.capability == "drone"]) == len(depots)


def test_what_the_config_no_longer_names_rests_and_comes_back(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    prepare(db, rulebook)
    ordered_fire(db, clock, rulebook)
    smaller = replace(
        rulebook,
        agencies=tuple(row for row in rulebook.agencies if row.id != "kangle"),
        contacts=tuple(row for row in rulebook.contacts if row.agency != "kangle"),
        duty=tuple(row for row in rulebook.duty if not row.contact.startswith("kangle")),
        crews=tuple(row for row in rulebook.crews if row.agency != "kangle"),
        vehicles=tuple(row for row in rulebook.vehicles if row.agency != "kangle"),
        depots=tuple(row for row in rulebook.depots if row.agency != "kangle"),
    )
    prepare(db, smaller)
    for table in (Contact, Crew, Vehicle, Depot):
        assert {row.agency_id for row in rows(db, table) if not row.active} == {"kangle"}
        assert {row.agency_id for row in rows(db, table) if row.active} == {row.id for row in smaller.agencies}
    assert [row.id for row in rows(db, Agency) if not row.active] == ["kangle"]
    assert {row.units for row in rows(db, Stock) if row.depot_id == "kangle-depot"} == {0}
    prepare(db, rulebook)
    assert all(row.active for table in (Agency, Contact, Crew, Vehicle, Depot) for row in rows(db, table))
