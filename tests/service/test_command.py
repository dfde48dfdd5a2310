"""Who commands at a fire: exactly one for each post at any time, handed over by two people, on the record."""

import random
from collections import Counter
from functools import partial

import pytest
from sqlmodel import select

from firewatch.access.models import Role, User
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, FirewatchError, NotFound, Refused
from firewatch.incidents import command, intake, timeline
from firewatch.incidents.command import Post
from firewatch.incidents.models import CommandPost, Incident, IncidentState
from firewatch.jobs import dispatch
from firewatch.rulebook.read import Rulebook
from tests.build import incident_of, prepare, report_fire, rows, set_rows
from tests.service.console import Desk, Person, open_desk, report, said
from tests.service.quiet import desk_of
from tests.service.test_orders import at_once

PEOPLE = ("anna", "boris", "clara")
CHIEF = Post.COMMANDER_IN_CHIEF


@pytest.fixture
def fire(db: Database, clock: FixedClock, rulebook: Rulebook) -> int:
    """A fire, and three people who may take a command, and one who only looks."""
    prepare(db, rulebook)
    with db.write() as session:
        for name in (*PEOPLE, "guest"):
            role = Role.VIEWER if name == "guest" else Role.DUTY_OFFICER
            session.add(User(username=name, display_name=name, role=role, created_at=clock.now(), password_hash="-"))
    return incident_of(report_fire(db, clock, rulebook))


def holders(db: Database, fire: int) -> dict[str, str]:
    with db.read() as session:
        return {row.post: row.holder for row in command.posts(session, fire)}


def offer(db: Database, clock: FixedClock, book: Rulebook, fire: int, to: str, by: str = "anna") -> None:
    with db.write() as session:
        command.offer(session, clock, book, fire, CHIEF, to, by)


def test_from_the_first_moment_the_finder_holds_all_three(db: Database, fire: int) -> None:
    assert holders(db, fire) == dict.fromkeys(Post, "agency:kangle")


def test_a_post_is_handed_over_by_two_people(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    offer(db, clock, rulebook, fire, "boris")
    assert holders(db, fire)[CHIEF] == "agency:kangle", "an offer is no handover"
    with db.write() as session, pytest.raises(Refused, match="offered to boris"):
        command.accept(session, clock, fire, CHIEF, "anna")
    with db.write() as session:
        command.accept(session, clock, fire, CHIEF, "boris")
    assert holders(db, fire) == {**dict.fromkeys(Post, "agency:kangle"), CHIEF: "boris"}
    with db.read() as session:
        told = [(entry.kind, entry.actor, entry.data.get("old")) for entry in timeline.entries(session, fire)]
    assert told[-2:] == [("command_offered", "anna", None), ("command_accepted", "boris", "agency:kangle")]


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("anna", "takes two people"),
        ("guest", "nobody who may"),
        ("nobody", "nobody who may"),
        ("clara", "has this post"),
    ],
)
def test_who_cannot_take_it_is_not_asked(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, to: str, says: str
) -> None:
    offer(db, clock, rulebook, fire, "clara")
    with db.write() as session:
        command.accept(session, clock, fire, CHIEF, "clara")
    with db.write() as session, pytest.raises(BadInput, match=says):
        command.offer(session, clock, rulebook, fire, CHIEF, to, "anna")


def test_one_is_asked_at_a_time_and_an_offer_ends_in_four_ways(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    offer(db, clock, rulebook, fire, "boris")
    with db.write() as session, pytest.raises(Conflict, match="boris is being asked"):
        command.offer(session, clock, rulebook, fire, CHIEF, "clara", "anna")
    with db.write() as session:
        command.decline(session, clock, fire, CHIEF, "boris")
    offer(db, clock, rulebook, fire, "clara")
    with db.write() as session:
        command.withdraw(session, clock, fire, CHIEF, "anna")
    with db.write() as session, pytest.raises(Conflict, match="nothing is offered"):
        command.withdraw(session, clock, fire, CHIEF, "anna")
    offer(db, clock, rulebook, fire, "boris")
    [handover] = [sweep for sweep in dispatch.sweeps(desk_of(db, clock, rulebook)) if sweep.name == "handover"]
    assert handover.run() == 0
    clock.advance(minutes=rulebook.messages.handover_minutes)
    with db.write() as session, pytest.raises(Conflict, match="nothing is offered any more"):
        command.accept(session, clock, fire, CHIEF, "boris")
    assert handover.run() == 1
    assert handover.run() == 0
    assert holders(db, fire)[CHIEF] == "agency:kangle"
    with db.read() as session:
        kinds = [entry.kind for entry in timeline.entries(session, fire) if entry.kind.startswith("command")]
    assert [kind for kind in kinds if kind != "command_offered"] == [
        "command_declined",
        "command_withdrawn",
        "command_run_out",
    ]


def test_a_finder_that_becomes_known_later_takes_over_what_no_person_has(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    offer(db, clock, rulebook, fire, "boris")
    with db.write() as session:
        command.accept(session, clock, fire, CHIEF, "boris")
    clock.advance(minutes=1)
    report_fire(db, clock, rulebook, agency="hezheng")
    with db.write() as session:
        first = intake.reports(session, fire)[0]
        intake.detach(session, clock, rulebook, first.id or 0, "anna")
    assert holders(db, fire) == {**dict.fromkeys(Post, "agency:hezheng"), CHIEF: "boris"}


def test_with_the_fire_commands_end(db: Database, clock: FixedClock, rulebook: Rulebook, fire: int) -> None:
    set_rows(db, Incident, [fire], state=IncidentState.CLOSED)
    with db.write() as session, pytest.raises(Conflict, match="is over"):
        command.offer(session, clock, rulebook, fire, CHIEF, "boris", "anna")
    with db.write() as session, pytest.raises(NotFound):
        command.accept(session, clock, 99, CHIEF, "boris")


@pytest.mark.timeout(60)
def test_two_who_answer_at_once_leave_one_holder(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int
) -> None:
    offer(db, clock, rulebook, fire, "boris")

    def answer(what: object) -> None:
        with db.write() as session:
            what(session, clock, fire, CHIEF, "boris")  # type: ignore[operator]  # accept, decline or withdraw

    given = at_once([partial(answer, what) for what in (command.accept, command.decline, command.withdraw) * 2])
    assert sum(not isinstance(each, Exception) for each in given) == 1
    [row] = rows(db, CommandPost, CommandPost.incident_id == fire, CommandPost.post == CHIEF)
    assert row.holder in {"agency:kangle", "boris"}
    assert row.offered_to is None


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_do_each_post_has_one_holder(
    db: Database, clock: FixedClock, rulebook: Rulebook, fire: int, seed: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - a made-up night
    done = Counter[str]()
    with db.write() as session:
        for _ in range(200):
            post, who, whom = draw.choice(list(Post)), draw.choice(PEOPLE), draw.choice((*PEOPLE, "guest"))
            before = {row.post: row.holder for row in command.posts(session, fire)}
            what = draw.choice(["offer", "offer", "accept", "decline", "withdraw", "wait"])
            try:
                if what == "offer":
                    command.offer(session, clock, rulebook, fire, post, whom, who)
                elif what == "wait":
                    clock.advance(minutes=draw.choice([1, 20]))
                    command.run_out(session, clock)
                else:
                    getattr(command, what)(session, clock, fire, post, who)
                done[what] += 1
            except FirewatchError:
                pass
            found = session.exec(select(CommandPost).where(CommandPost.incident_id == fire)).all()
            assert sorted(row.post for row in found) == sorted(Post)
            changed = [row for row in found if row.holder != before[row.post]]
            assert len(changed) <= (what == "accept")
            assert all(row.holder == who for row in changed)
    assert done["accept"]


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    desk = open_desk(db, clock, rulebook)
    with db.write() as session:
        hashed = session.exec(select(User)).first()
        assert hashed is not None
        session.add(
            User(
                username="second",
                display_name="Officer C",
                role=Role.DUTY_OFFICER,
                created_at=clock.now(),
                password_hash=hashed.password_hash,
            )
        )
    return desk


def post_of(person: Person, address: str, **values: str) -> int:
    from tests.service.console import forms

    form = next(form for form in forms(person.page("/incidents/1")) if form.action.endswith(address))
    status: int = person.client.post(form.action, data=form.values | values).status_code
    return status


def test_the_page_hands_a_command_over_between_two_people(desk: Desk) -> None:
    first, second = desk.person(), desk.person("second")
    report(first)
    page = said(first.page("/incidents/1"))
    assert "commander-in-chief" in page
    assert "(nobody named yet)" in page
    assert post_of(first, "/command/commander_in_chief/offer", to="second") == 303
    assert "offered to Officer C · second by Officer A · officer" in said(first.page("/incidents/1"))
    assert "Accept: I take over" not in first.page("/incidents/1")
    assert post_of(second, "/command/commander_in_chief/accept") == 303
    page = said(desk.person("viewer").page("/incidents/1"))
    assert "commander-in-chief Officer C" in page
    assert "took over commander-in-chief from" in page
    assert post_of(second, "/command/professional/offer", to="officer") == 303
    assert post_of(first, "/command/professional/decline") == 303
    assert post_of(second, "/command/professional/offer", to="officer") == 303
    assert post_of(second, "/command/professional/withdraw") == 303
    csrf = {"csrf": "wrong"}
    assert first.client.post("/incidents/1/command/professional/accept", data=csrf).status_code == 403
