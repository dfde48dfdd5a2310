"""Area and casualties on an incident's page and by program: rows on record, the class they make, what goes upward."""

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import FireClass, FireExtent, TimelineEntry
from firewatch.rulebook.read import Rulebook
from tests.build import incident, rows, set_rows
from tests.service.console import Desk, Person, forms, open_desk, report, said
from tests.service.server import TOKEN, application

HERE = "/incidents/1"


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, rulebook)
    report(desk.person())
    return desk


def put(person: Person, status: int = 303, **typed: str) -> Response:
    """Type figures over those that stand there, and save."""
    form = next(form for form in forms(person.page(HERE)) if form.action == f"{HERE}/extent")
    answer: Response = person.client.post(form.action, data=form.values | typed)
    assert answer.status_code == status, answer.text
    return answer


def part(person: Person) -> str:
    """What the part of the page says."""
    page = person.page(HERE)
    return said(page[page.index('id="extent"') : page.index('id="photos"')])


def estimates(desk: Desk) -> list[FireExtent]:
    return rows(desk.db, FireExtent)


def test_nothing_known_is_not_zero(desk: Desk) -> None:
    officer = desk.person()
    assert "Nothing is known of area and casualties yet: that is not zero." in part(officer)
    put(officer, damaged_forest_ha="0")
    page = part(officer)
    assert "Damaged area 0 not known" in page
    assert "What is known is below every number. Not known: damaged grassland, deaths, serious injuries." in page
    [row] = estimates(desk)
    assert (row.damaged_forest_ha, row.burnt_forest_ha, row.deaths) == (0, None, None)


def test_the_damaged_area_makes_the_class_and_an_officer_sets_it(desk: Desk) -> None:
    officer, viewer = desk.person(), desk.person("viewer")
    put(officer, burnt_forest_ha="40", damaged_forest_ha="１２.５", method="drone", estimated_by="张甲 <pilot>")
    page = part(officer)
    assert "By the rule this is at least of the class: large fire (due to damaged forest)." in page
    assert "drone · 张甲 <pilot>" in page
    assert "recorded by Officer A · officer" in page
    assert "The class set is: ordinary fire." in page
    assert incident(desk.db, 1).fire_class is FireClass.ORDINARY, "figures set nothing by themselves"
    assert "Set the class to" not in part(viewer)
    officer.press(HERE, "Set the class to")
    assert incident(desk.db, 1).fire_class is FireClass.LARGE
    assert "The class set is" not in part(officer)
    assert "Set the class to" not in part(officer)


def test_every_estimate_is_a_row_and_stays(desk: Desk) -> None:
    officer = desk.person()
    put(officer, burnt_forest_ha="3", damaged_forest_ha="1")
    desk.clock.advance(minutes=30)
    put(officer, burnt_forest_ha="60亩", burnt_grassland_ha="1.5 ha", deaths="0")
    first, second = estimates(desk)
    assert (first.burnt_forest_ha, second.burnt_forest_ha, second.burnt_grassland_ha) == (3, 4, 1.5)
    assert second.damaged_forest_ha == 1, "what was not typed over stays"
    assert second.deaths == 0
    page = part(officer)
    assert "Every estimate (2)" in page
    assert "Area and casualties (by eye): burnt forest 3, damaged forest 1" in said(officer.page(HERE))
    put(officer, burnt_forest_ha="", damaged_forest_ha="")
    assert estimates(desk)[-1].burnt_forest_ha is None, "left empty it is not known again"


def test_a_button_pressed_twice_makes_one_row(desk: Desk) -> None:
    officer = desk.person()
    form = next(form for form in forms(officer.page(HERE)) if form.action == f"{HERE}/extent")
    for _ in range(2):
        answer = officer.client.post(form.action, data=form.values | {"deaths": "1"})
        assert answer.status_code == 303
    assert len(estimates(desk)) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"burnt_forest_ha": "much"}, "for example 12.5"),
        ({"burnt_forest_ha": "-1"}, "for example 12.5"),
        ({"burnt_forest_ha": "nan"}, "for example 12.5"),
        ({"burnt_forest_ha": "3", "damaged_forest_ha": "4"}, "the damaged area is a part of it"),
        ({"deaths": "1.5"}, "A whole number is wanted"),
        ({"deaths": "1", "method": "dream"}, "Choose how"),
        ({"deaths": "1", "estimated_at": "2026-04-02T12:00"}, "not later than now"),
        ({"deaths": "1", "estimated_at": "soon"}, "not later than now"),
        ({"estimated_by": "me"}, "Give at least one figure"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_kept(desk: Desk, typed: dict[str, str], told: str) -> None:
    answer = put(desk.person(), 422, **typed)
    assert told in said(answer.text)
    form = next(form for form in forms(answer.text) if form.action == f"{HERE}/extent")
    assert {name: form.values[name] for name in typed if name != "method"} == {
        name: text for name, text in typed.items() if name != "method"
    }
    assert '<details class="jot" id="extent-new" open>' in answer.text
    assert not estimates(desk)


def test_figures_that_somebody_else_put_down_meanwhile_are_not_overwritten_unseen(desk: Desk) -> None:
    officer = desk.person()
    form = next(form for form in forms(officer.page(HERE)) if form.action == f"{HERE}/extent")
    put(desk.person(), deaths="2", method="survey")
    desk.clock.advance(minutes=2)
    late = officer.client.post(form.action, data=form.values | {"burnt_forest_ha": "8"})
    assert late.status_code == 409
    assert "Somebody else has just put newer figures on record" in said(late.text)
    again = next(form for form in forms(late.text) if form.action == f"{HERE}/extent")
    assert again.values["burnt_forest_ha"] == "8"
    assert officer.client.post(again.action, data=again.values).status_code == 303
    assert len(estimates(desk)) == 2


def test_what_goes_upward_is_said_until_it_is_on_record_that_it_went(desk: Desk) -> None:
    officer = desk.person()
    put(officer, burnt_forest_ha="100", damaged_forest_ha="20")
    assert "Report upward" not in part(officer)
    desk.clock.advance(minutes=5)
    put(officer, burnt_forest_ha="120")
    page = part(officer)
    assert "Report upward at once: level by level to the province" in page
    assert "(due to burnt forest)" in page
    officer.press(HERE, "Reported: put on record")
    assert "reported by Officer A · officer, 12:05" in part(officer)
    assert "Reported: put on record" not in part(officer)
    desk.clock.advance(minutes=5)
    put(officer, deaths="3")
    assert "(due to burnt forest, deaths)" in part(officer)
    officer.press(HERE, "Reported: put on record")
    told = [entry.data["because"] for entry in rows(desk.db, TimelineEntry) if entry.kind == "reported_upward"]
    assert told == ["burnt_forest_ha", "burnt_forest_ha;deaths"]
    csrf = {"csrf": forms(officer.page("/"))[0].values["csrf"]}
    assert officer.client.post(f"{HERE}/upward/nobody", data=csrf).status_code == 404


def test_a_settlement_at_stake_goes_upward_without_any_figure(desk: Desk) -> None:
    from firewatch.incidents.models import Incident

    set_rows(desk.db, Incident, [1], stake="settlement")
    assert "(due to what is at stake)" in part(desk.person())


def test_a_program_puts_figures_down_too(desk: Desk) -> None:
    client = TestClient(application(desk.db, desk.clock, desk.book), headers={"Authorization": f"Bearer {TOKEN}"})
    address = "/api/v1/incidents/1/extents"
    made = client.post(
        "/api/v1/incidents/1/extent", json={"burnt_forest_ha": 150, "damaged_forest_ha": 100, "method": "satellite"}
    )
    assert made.status_code == 201
    assert made.json()["deaths"] is None
    told = client.get(address).json()
    assert told["suggested_class"] == "major"
    assert told["because"] == ["damaged_forest_ha"]
    assert told["not_known"] == ["damaged_grassland_ha", "deaths", "serious_injuries"]
    assert told["report_upward"] == [
        {
            "id": "national",
            "within_minutes": 0,
            "because": ["burnt_forest_ha"],
            "reported_at": None,
            "reported_by": None,
        }
    ]
    for wrong in (
        {"deaths": 1, "method": "eye", "estimated_at": 0},
        {"method": "eye"},
        {"deaths": -1, "method": "eye"},
        {"deaths": 1},
        {"death": 1, "method": "eye"},
    ):
        assert client.post("/api/v1/incidents/1/extent", json=wrong).status_code == 422
    assert client.post("/api/v1/incidents/9/extent", json={"deaths": 1, "method": "eye"}).status_code == 404
