"""Where crews and vehicles are: told by API and console, shown with its age."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.resources import position
from firewatch.resources.models import ResourceChange, ResourceKind, ResourceStatus, Vehicle
from firewatch.resources.position import NewPosition
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, OFFICER, rows, set_rows
from tests.service.console import Desk, Form, Person, forms, open_desk, said

Program = Callable[[str | None], TestClient]
TENDER = "kangle-tender-1"
PATH = f"/api/v1/resources/vehicle/{TENDER}/position"
PAGE = f"/resources/vehicle/{TENDER}"
HOME = (35.372, 103.706)
THERE = (35.31, 103.66)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


@pytest.fixture
def program(desk: Desk) -> Program:
    def acting_for(agency: str | None) -> TestClient:
        with desk.db.write() as session:
            _, secret = tokens.create(session, desk.clock, f"of {agency}", Role.DUTY_OFFICER, agency_id=agency)
        return TestClient(desk.app, headers={"Authorization": f"Bearer {secret}"})

    return acting_for


def body(desk: Desk, minutes: float = 0) -> dict[str, object]:
    at = desk.clock.now() - timedelta(minutes=minutes)
    return {"lat": THERE[0], "lon": THERE[1], "at": at.isoformat()}


def vehicle(desk: Desk) -> Vehicle:
    found: Vehicle = rows(desk.db, Vehicle, Vehicle.id == TENDER)[0]
    return found


def position_form(person: Person) -> Form:
    return next(form for form in forms(person.page(PAGE)) if form.action == f"{PAGE}/position")


def test_a_position_is_told_by_its_agency_and_told_twice_is_told_once(desk: Desk, program: Program) -> None:
    kangle = program("kangle")
    answer = kangle.post(PATH, json=body(desk, minutes=2))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["present_lat"], told["present_lon"], told["lat"], told["lon"]) == (*THERE, *HOME)
    assert kangle.post(PATH, json=body(desk, minutes=2)).json() == told
    assert vehicle(desk).fix_by == "token:of kangle"
    assert (vehicle(desk).version, rows(desk.db, ResourceChange)) == (1, [])
    crew = kangle.post("/api/v1/resources/crew/kangle-pro/position", json=body(desk)).json()
    assert (crew["id"], crew["present_lat"]) == ("kangle-pro", THERE[0])
    pool = kangle.get("/api/v1/resources").json()
    assert next(each for each in pool["vehicles"] if each["id"] == TENDER) == told


@pytest.mark.parametrize(
    ("agency", "path", "change", "minutes", "status", "words"),
    [
        ("hezheng", PATH, {}, 0, 403, "this belongs to kangle"),
        (
            None,
            "/api/v1/resources/depot/kangle-depot/position",
            {},
            0,
            404,
            "no depot kangle-depot that moves",
        ),
        (None, "/api/v1/resources/crew/nobody/position", {}, 0, 404, "there is no crew nobody"),
        ("kangle", PATH, {}, -1, 422, "at: lies ahead of the clock here"),
        ("kangle", PATH, {}, 60 * 24 * 31, 422, "at: is more than 30 days ago"),
        ("kangle", PATH, {"at": "2026-04-01T04:00:00"}, 0, 422, "at"),
        ("kangle", PATH, {"at": "0001-01-01T00:00:00+14:00"}, 0, 422, "at"),
        ("kangle", PATH, {"lat": 90.1}, 0, 422, "lat"),
        ("kangle", PATH, {"lon": -180.1}, 0, 422, "lon"),
        ("kangle", PATH, {"lon": "103.6"}, 0, 422, "lon"),
        ("kangle", PATH, {"speed": 3}, 0, 422, "speed"),
        ("kangle", PATH, {}, 10, 409, "is known, and this one is not newer"),
        ("kangle", PATH, {}, 5, 409, "is known, and this one is not newer"),
    ],
)
def test_what_is_refused_says_why_and_leaves_what_is_known(
    desk: Desk,
    program: Program,
    agency: str | None,
    path: str,
    change: dict[str, object],
    minutes: float,
    status: int,
    words: str,
) -> None:
    known = NewPosition(lat=KANGLE[0], lon=KANGLE[1], at=desk.clock.now() - timedelta(minutes=5))
    with desk.db.write() as session:
        position.take_in(session, desk.clock, ResourceKind.VEHICLE, TENDER, known, OFFICER)
    before = vehicle(desk)
    answer = program(agency).post(path, json=body(desk, minutes=minutes) | change)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert vehicle(desk) == before


def test_a_clock_some_seconds_ahead_says_now(desk: Desk, program: Program) -> None:
    assert program("kangle").post(PATH, json=body(desk, minutes=-0.4)).status_code == 200
    assert vehicle(desk).fix_at == desk.clock.now()


def test_a_person_says_where_it_is_and_its_age_is_told(desk: Desk, clock: FixedClock) -> None:
    officer = desk.person()
    assert "at home; no position was ever told" in said(officer.page(PAGE))
    form = position_form(officer)
    typed = form.values | {"lat": "35.31, 103.66", "lon": "", "at": ""}
    assert officer.client.post(form.action, data=typed).status_code == 303
    assert (vehicle(desk).present_lat, vehicle(desk).present_lon) == THERE
    assert (vehicle(desk).fix_at, vehicle(desk).fix_by) == (clock.now(), "officer")
    clock.advance(minutes=4)
    assert "35.3100, 103.6600 seen there 4 min ago" in said(officer.page(PAGE))
    assert "35.3100, 103.6600 seen there 4 min ago" in said(officer.page("/resources"))
    assert "Kangle water tender 1 · available · seen there 4 min ago" in officer.page("/")
    clock.advance(hours=3)
    assert "35.3720, 103.7060 its position is old (3 h 4 min ago): taken to be at home" in said(officer.page(PAGE))
    set_rows(desk.db, Vehicle, [TENDER], status=ResourceStatus.ON_SCENE)
    assert "35.3100, 103.6600 last known position, seen 3 h 4 min ago" in said(officer.page(PAGE))
    assert "最后已知位置" in said(desk.person(lang="zh").page(PAGE))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"lat": "95", "lon": "x"}, ["lat", "lon"]),
        ({"lat": "35.3", "lon": "103.6", "at": "2026-04-01T13:00"}, ["at"]),
        ({"lat": "35.3", "lon": "103.6", "at": "0001-01-01T00:00"}, ["at"]),
        ({"lat": "35.3", "lon": "103.6", "at": "noon"}, ["at"]),
    ],
)
def test_what_does_not_hold_comes_back_with_the_form(desk: Desk, typed: dict[str, str], wrong: list[str]) -> None:
    officer = desk.person()
    form = position_form(officer)
    answer = officer.client.post(form.action, data=form.values | typed)
    assert answer.status_code == 422
    assert [name for name in ("lat", "lon", "at") if f'id="position-{name}-error"' in answer.text] == wrong
    assert f'value="{typed["lat"]}"' in answer.text
    assert vehicle(desk).fix_at is None


def test_only_who_may_change_it_says_where_it_is(desk: Desk) -> None:
    viewer, officer = desk.person("viewer"), desk.person()
    typed = {"lat": "35.3", "lon": "103.6", "csrf": forms(viewer.page(PAGE))[0].values["csrf"]}
    assert viewer.client.post(f"{PAGE}/position", data=typed).status_code == 403
    assert not [form for form in forms(viewer.page(PAGE)) if form.action.endswith("/position")]
    assert not [form for form in forms(officer.page("/resources/depot/kangle-depot")) if "position" in form.action]
