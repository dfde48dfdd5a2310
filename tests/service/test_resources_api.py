"""Crews, vehicles and depots over the API: who may change them, what is refused, what stands on record."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.resources.models import Crew, ResourceStatus
from firewatch.rulebook.read import Rulebook
from tests.build import rows, set_rows
from tests.service.console import open_desk

Program = Callable[[str | None], TestClient]
CREW = "/api/v1/crews/kangle-pro"


@pytest.fixture
def program(db: Database, clock: FixedClock, rulebook: Rulebook) -> Program:
    desk = open_desk(db, clock, rulebook)

    def acting_for(agency: str | None) -> TestClient:
        with db.write() as session:
            _, secret = tokens.create(session, clock, f"of {agency}", Role.DUTY_OFFICER, agency_id=agency)
        return TestClient(desk.app, headers={"Authorization": f"Bearer {secret}"})

    return acting_for


def test_a_crew_is_changed_by_its_agency_and_the_change_is_told(program: Program, clock: FixedClock) -> None:
    kangle = program("kangle")
    answer = kangle.patch(CREW, json={"version": 1, "people": 35, "kind": "part_time", "provides": {"squad": 5}})
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in ("people", "kind", "version", "name_zh")} == {
        "people": 35,
        "kind": "part_time",
        "version": 2,
        "name_zh": "康乐专业扑火队",
    }
    assert kangle.get("/api/v1/resources/crew/kangle-pro/changes").json() == [
        {
            "at": clock.now().isoformat().replace("+00:00", "Z"),
            "by": "token:of kangle",
            "what": "changed",
            "before": {"kind": "professional", "people": 32, "provides": {"squad": 4}},
            "after": {"kind": "part_time", "people": 35, "provides": {"squad": 5}},
        }
    ]


def test_a_turnout_by_night_stays_until_it_is_taken_back(program: Program) -> None:
    kangle = program("kangle")
    changes: list[dict[str, object]] = [
        {"version": 1, "turnout_night_minutes": 25},
        {"version": 2, "people": 33, "kind": None},
        {"version": 3, "turnout_night_minutes": None},
    ]
    answers = [kangle.patch(CREW, json=change).json() for change in changes]
    assert [(each["turnout_night_minutes"], each["people"]) for each in answers] == [(25, 32), (25, 33), (None, 33)]


def test_vehicles_and_depots_are_changed_alike(program: Program) -> None:
    office = program("prefecture")
    vehicle = office.patch("/api/v1/vehicles/kangle-carrier-1", json={"version": 1, "seats": 30})
    assert (vehicle.status_code, vehicle.json()["seats"], vehicle.json()["version"]) == (200, 30, 2)
    depot = office.patch("/api/v1/depots/kangle-depot", json={"version": 1, "stock": {"drone": 2}})
    assert depot.status_code == 200
    assert depot.json()["stock"]["drone"] == 2
    assert sum(depot.json()["stock"].values()) == 2


@pytest.mark.parametrize(
    ("agency", "path", "body", "status", "said"),
    [
        ("hezheng", CREW, {"version": 1, "people": 1}, 403, "this belongs to kangle"),
        ("kangle", CREW, {"version": 9, "people": 1}, 409, "changed in the meantime"),
        ("kangle", CREW, {"version": 1, "people": 0}, 422, "people"),
        ("kangle", CREW, {"version": 1, "agency": "hezheng"}, 422, "agency"),
        ("kangle", CREW, {"version": 1, "provides": {"people": 3}}, 422, "people have a field of their own"),
        (None, "/api/v1/crews/nobody", {"version": 1}, 404, "there is no crew nobody"),
        (None, "/api/v1/vehicles/kangle-carrier-1", {"version": 1, "crew_aboard": 99}, 422, "more people aboard"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    program: Program, db: Database, agency: str | None, path: str, body: dict[str, object], status: int, said: str
) -> None:
    before = rows(db, Crew)
    answer = program(agency).patch(path, json=body)
    assert answer.status_code == status
    assert said in answer.text
    assert rows(db, Crew) == before


def test_a_state_is_set_by_its_agency_only(program: Program, db: Database) -> None:
    path, body = "/api/v1/resources/kangle-pro/status", {"status": "out_of_service"}
    assert program("hezheng").post(path, json=body).status_code == 403
    assert program("kangle").post(path, json=body).json()["status"] == "out_of_service"
    assert rows(db, Crew, Crew.id == "kangle-pro")[0].status is ResourceStatus.OUT_OF_SERVICE
    set_rows(db, Crew, ["kangle-lianlu"], active=False)
    assert program(None).patch("/api/v1/crews/kangle-lianlu", json={"version": 1}).status_code == 404


def test_a_token_of_an_agency_makes_none_that_may_do_more(program: Program, db: Database, clock: FixedClock) -> None:
    kangle = program("kangle")
    wider = kangle.post("/api/v1/tokens", json={"name": "wider", "role": "duty_officer", "agency": "hezheng"})
    assert wider.status_code == 403
    made = kangle.post("/api/v1/tokens", json={"name": "second", "role": "duty_officer"}).json()["token"]
    with db.read() as session:
        found = tokens.check(session, clock, made)
    assert found is not None
    assert found.agency_id == "kangle"
    assert program(None).post("/api/v1/tokens", json={"name": "x", "agency": "moon"}).status_code == 422
