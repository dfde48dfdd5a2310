"""What a fire is to get: by its run card, or as a person has set it; and what is at stake."""

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import needs
from firewatch.dispatch.snapshot import snapshot
from firewatch.errors import BadInput, Conflict
from firewatch.incidents import progress, timeline
from firewatch.incidents.models import FireClass, Incident, IncidentState
from firewatch.rulebook.read import Rulebook
from tests.build import OFFICER, incident, incident_of, plan_fire, prepare, report_fire, with_dispatch
from tests.service.console import Desk, forms, open_desk, report, said


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook) -> int:
    """A fire that has been planned."""
    prepare(db, rulebook)
    number = incident_of(report_fire(db, clock, rulebook))
    plan_fire(db, clock, rulebook, number)
    return number


def asked(db: Database, clock: FixedClock, book: Rulebook, fire: int) -> dict[str, int]:
    with db.read() as session:
        [one] = snapshot(session, clock, book, [session.get_one(Incident, fire)]).incidents
    return dict(one.needs)


def test_what_a_person_sets_is_asked_for_whatever_becomes_of_the_class(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    card = asked(db, clock, rulebook, fire)
    with db.write() as session:
        needs.adjust(session, clock, rulebook, fire, {"people": 77, "pump": 2, "blower": 0}, OFFICER)
    row = incident(db, fire)
    assert (row.needs_by_hand, row.needs_set_by, row.plan_due_at) == ({"people": 77, "pump": 2}, OFFICER, clock.now())
    assert asked(db, clock, rulebook, fire) == {"people": 77, "pump": 2}
    with db.write() as session:
        progress.set_class(session, clock, fire, FireClass.MAJOR, OFFICER)
    assert asked(db, clock, rulebook, fire) == {"people": 77, "pump": 2}, "nobody's adjustment is overwritten"
    with db.read() as session:
        [entry] = [each for each in timeline.entries(session, fire) if each.kind == "needs_set"]
    assert f"people:{card['people']}:77" in entry.data["changes"].split(";")
    with db.write() as session:
        needs.adjust(session, clock, rulebook, fire, None, OFFICER)
    assert asked(db, clock, rulebook, fire)["people"] == 200, "the card of the class that it has now"
    assert incident(db, fire).needs_set_by is None


def test_the_same_again_makes_no_new_plan_due(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    card = asked(db, clock, rulebook, fire)
    with db.write() as session:
        needs.adjust(session, clock, rulebook, fire, card, OFFICER)
    assert incident(db, fire).plan_due_at is None


@pytest.mark.parametrize(
    ("new", "says"), [({"dragon": 1}, "needs.dragon: nobody brings that"), ({"people": 10_001}, "from 0 to 10000")]
)
def test_what_cannot_be_asked_for_says_why(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, new: dict[str, int], says: str
) -> None:
    with db.write() as session, pytest.raises(BadInput, match=says):
        needs.adjust(session, clock, rulebook, fire, new, OFFICER)
    assert incident(db, fire).needs_by_hand is None


def test_what_is_at_stake_weighs(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    light = needs.weight(rulebook.dispatch, incident(db, fire))
    with db.write() as session:
        needs.set_stake(session, clock, rulebook, fire, "settlement", OFFICER)
    assert needs.weight(rulebook.dispatch, incident(db, fire)) == 2 * light
    assert incident(db, fire).plan_due_at == clock.now()
    assert needs.weight(with_dispatch(rulebook, stake=[]).dispatch, incident(db, fire)) == light
    with db.write() as session, pytest.raises(BadInput, match="palace is none of settlement"):
        needs.set_stake(session, clock, rulebook, fire, "palace", OFFICER)
    with db.write() as session:
        needs.set_stake(session, clock, rulebook, fire, None, OFFICER)
        progress.change_state(session, clock, fire, IncidentState.FALSE_ALARM, OFFICER)
    with db.write() as session, pytest.raises(Conflict, match="is over"):
        needs.set_stake(session, clock, rulebook, fire, "settlement", OFFICER)


def test_one_stake_twice_is_refused(rulebook: Rulebook) -> None:
    stake = {"id": "school", "name_zh": "学校", "name_en": "school", "weight": 2}
    with pytest.raises(ValueError, match="a stake twice"):
        with_dispatch(rulebook, stake=[stake, stake])


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def test_the_page_shows_the_card_and_takes_other_quantities(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    desk.plan(1)
    page = officer.page("/incidents/1")
    assert "Run card and what is at stake" in page
    form = next(form for form in forms(page) if form.action.endswith("/needs"))
    assert int(form.values["need-people"]) > 0
    bad = officer.client.post(form.action, data=form.values | {"need-people": "many"})
    assert (bad.status_code, "needs.people: a whole number is wanted" in bad.text) == (422, True)
    assert (
        officer.client.post(form.action, data=form.values | {"need-people": "９９", "need-pump": ""}).status_code == 303
    )
    page = said(officer.page("/incidents/1"))
    assert "adjusted by Officer A" in page
    assert "→ 99" in page, "on the record, in words"
    officer.press("/incidents/1", "Back to the card")
    assert "adjusted by" not in said(officer.page("/incidents/1"))
    form = next(form for form in forms(officer.page("/incidents/1")) if form.action.endswith("/stake"))
    assert officer.client.post(form.action, data=form.values | {"stake": "settlement"}).status_code == 303
    assert "settlement" in said(officer.page("/incidents/1"))
    assert "Set what the fire is to get" not in desk.person("viewer").page("/incidents/1")
