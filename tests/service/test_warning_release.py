"""From a draft to what is in force: a named approver, every step on record, and one who is quicker than the other."""

import pytest

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import release
from firewatch.warnings.models import Action, Signal, WarningState, Why
from tests.build import prepare
from tests.service.warnings import NAME, Watch, at_once

ZONES = 6
OF_GANSU = {"first": "11-01", "last": "05-31"}
AGENCIES = 7


@pytest.fixture
def watch(db: Database, clock: FixedClock, rulebook: Rulebook) -> Watch:
    prepare(db, rulebook)
    made = Watch(db, clock, rulebook)
    made.grade(1, back=2)
    made.grade(1, back=1)
    return made


def test_nothing_is_issued_without_a_named_approver(watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    with pytest.raises(Conflict, match="cannot become issued"):
        watch.issue()
    with watch.db.write() as session, pytest.raises(BadInput, match="approver"):
        release.approve(session, watch.clock, watch.ids(), "officer", "  ")
    watch.approve()
    row = watch.waiting()["kangle"]
    assert (row.state, row.approved_by, row.approved_name) == (WarningState.APPROVED, "officer", NAME)
    watch.issue()
    row = watch.in_force()["kangle"]
    assert row.valid_to is not None
    assert row.valid_from == watch.clock.now()
    assert (row.valid_to - watch.clock.now()).total_seconds() == watch.book.warnings.valid_hours * 3600
    assert [body["zh"] for body in row.signatures] == watch.book.warnings.signatures_zh
    assert watch.steps() == ["drafted", "approved", "issued"]


def test_every_agency_gets_one_message_for_all_zones(watch: Watch) -> None:
    watch.grade({"kangle": 5, "hezheng": 5, "taizishan": 3})
    watch.draw_up()
    watch.release()
    sent = watch.texts()
    assert len(sent) == AGENCIES
    assert len({message.agency_id for message in sent}) == AGENCIES
    assert all("红色（一级）：康乐县、和政县；黄色（三级）：太子山自然保护区" in message.body for message in sent)
    assert all("发布（4月1日12:00），有效至4月2日12:00" in message.body for message in sent)


def test_worse_is_told_lower_prolonged_and_lifted_is_not(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    watch.draw_up()
    watch.release()
    watch.day_with({"kangle": 5})
    assert watch.waiting()["kangle"].action is Action.RAISE
    watch.release()
    assert len(watch.texts()) == 2 * AGENCIES
    assert "升级（4月2日12:00）" in watch.texts()[-1].body
    watch.day_with({"kangle": 3})
    assert watch.waiting()["kangle"].action is Action.PROLONG, "held for a whole day, and its day ends"
    watch.release()
    assert watch.in_force()["kangle"].signal == Signal.RED
    watch.day_with({"kangle": 3})
    assert watch.waiting()["kangle"].action is Action.LOWER
    watch.release()
    assert watch.in_force()["kangle"].signal == Signal.YELLOW
    watch.day_with({"kangle": 1})
    watch.release()
    watch.day_with({"kangle": 1})
    assert watch.waiting()["kangle"].action is Action.LIFT
    watch.release()
    assert watch.in_force() == {}
    assert len(watch.texts()) == 2 * AGENCIES
    story = [(row.version, row.action, row.state) for row in watch.versions("kangle")]
    assert [version for version, _, _ in story] == [1, 2, 3, 4, 5, 6]
    assert [action for _, action, _ in story] == ["issue", "raise", "prolong", "lower", "prolong", "lift"]
    assert [state for _, _, state in story] == [*["updated"] * 4, "lifted", "lifted"]


def test_a_prolonged_warning_keeps_its_hour_and_its_beginning(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.release()
    first = watch.in_force()["kangle"]
    watch.clock.advance(hours=20)
    watch.grade({"kangle": 4})
    assert watch.draw_up() == 0
    watch.clock.advance(hours=1)
    assert watch.draw_up() == 1
    watch.release()
    second = watch.in_force()["kangle"]
    assert second.since_at == first.since_at
    assert first.valid_to is not None
    assert second.valid_to is not None
    assert (second.valid_to - first.valid_to).total_seconds() == 24 * 3600


def test_what_an_officer_refused_is_not_asked_again_unless_worse(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    with watch.db.write() as session:
        release.reject(session, watch.clock, watch.ids()[0], "officer", "rain is falling")
    assert watch.draw_up() == 0
    watch.grade({"kangle": 3})
    assert watch.draw_up() == 0
    watch.grade({"kangle": 5})
    assert watch.draw_up() == 1
    assert watch.versions("kangle")[0].reason == "rain is falling"
    watch.day_with({"kangle": 4})
    assert watch.waiting()["kangle"].signal == Signal.ORANGE, "a new day, a new question"


def refuse(watch: Watch, reason: str = "rain is near") -> None:
    with watch.db.write() as session:
        for number in watch.ids():
            release.reject(session, watch.clock, number, "officer", reason)


@pytest.mark.parametrize(("grade", "action"), [(5, Action.RAISE), (1, Action.LIFT)])
def test_what_stays_in_force_after_a_refusal_is_prolonged_in_its_time(watch: Watch, grade: int, action: Action) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.release()
    if action is Action.LIFT:
        watch.day_with({"kangle": grade})
        watch.release()  # held for a day, and prolonged for one
    watch.clock.advance(hours=20)
    watch.grade({"kangle": grade})
    watch.draw_up()
    assert watch.waiting()["kangle"].action is action
    refuse(watch)
    assert watch.draw_up() == 0, "the officer's no counts"
    watch.clock.advance(hours=1)
    assert watch.due()
    watch.draw_up()
    row = watch.waiting()["kangle"]
    assert (row.action, row.signal, row.why) == (Action.PROLONG, Signal.ORANGE, Why.BY_HAND)
    texts = len(watch.texts())
    refuse(watch)
    assert watch.draw_up() == 0, "he may refuse that as well"
    watch.clock.advance(days=1)
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.release()
    assert watch.in_force()["kangle"].signal == Signal.ORANGE
    assert len(watch.texts()) == texts


def test_an_approved_draft_can_be_withdrawn(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.approve()
    with watch.db.write() as session:
        release.reject(session, watch.clock, watch.ids()[0], "officer", "wrong zone")
    assert [row.state for row in watch.versions("kangle")] == [WarningState.WITHDRAWN]
    assert watch.draw_up() == 0


def test_an_officer_lifts_what_is_in_force_and_says_why(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.release()
    number = watch.in_force()["kangle"].id or 0
    with watch.db.write() as session, pytest.raises(BadInput, match="reason"):
        release.lift(session, watch.clock, watch.book, number, "officer", NAME, "")
    with watch.db.write() as session:
        release.lift(session, watch.clock, watch.book, number, "officer", NAME, "steady rain")
    assert watch.in_force() == {}
    assert watch.draw_up() == 0, "not proposed again on the same day"
    last = watch.versions("kangle")[-1]
    assert (last.state, last.action, last.why, last.reason) == ("lifted", "lift", "by_hand", "steady rain")
    assert watch.steps(last.id) == ["drafted", "approved", "lifted"]
    assert watch.steps(number)[-1] == "lifted"
    with watch.db.write() as session, pytest.raises(Conflict, match="only one in force"):
        release.lift(session, watch.clock, watch.book, number, "officer", NAME, "again")
    with watch.db.write() as session, pytest.raises(NotFound):
        release.lift(session, watch.clock, watch.book, 999, "officer", NAME, "again")


def test_lifting_by_hand_takes_the_draft_with_it(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    watch.draw_up()
    watch.release()
    watch.day_with({"kangle": 5})
    with watch.db.write() as session:
        number = watch.in_force()["kangle"].id or 0
        release.lift(session, watch.clock, watch.book, number, "officer", NAME, "a mistake")
    assert watch.waiting() == {}
    watch.draw_up()
    assert watch.waiting()["kangle"].action is Action.ISSUE, "red is worse than what was lifted"


def test_a_remark_is_written_into_the_text_and_fixed_by_the_approval(watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    with watch.db.write() as session:
        release.remark(session, watch.clock, watch.ids()[0], "officer", " 大风，\n注意坟头用火 ")
    watch.grade({"kangle": 4}, back=1)
    watch.draw_up()
    assert watch.waiting()["kangle"].remark == "大风， 注意坟头用火", "the remark goes on to the newer draft"
    watch.approve()
    with watch.db.write() as session, pytest.raises(Conflict, match="only a draft"):
        release.remark(session, watch.clock, watch.ids()[0], "officer", "")
    watch.issue()
    assert "康乐县。大风， 注意坟头用火。" in watch.texts()[0].body


def test_an_approved_version_stands_until_another_signal_is_asked_for(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    watch.approve()
    watch.grade({"kangle": 2}, back=1)
    assert watch.draw_up() == 0
    watch.grade({"kangle": 5})
    watch.draw_up()
    assert watch.waiting()["kangle"].state is WarningState.DRAFT


def test_of_two_officers_who_approve_at_once_one_wins(watch: Watch) -> None:
    watch.grade({"kangle": 5})
    watch.draw_up()
    ids = watch.ids()
    assert at_once(*(lambda by=by: watch.approve(ids, by) for by in "abcd")) == ["conflict"] * 3 + ["done"]
    assert at_once(*(lambda by=by: watch.issue(ids, by) for by in "abcd")) == ["conflict"] * 3 + ["done"]
    assert len(watch.texts()) == AGENCIES
    assert watch.steps() == ["drafted", "approved", "issued"]


def test_an_approval_that_meets_a_newer_assessment_approves_what_was_seen_or_nothing(watch: Watch) -> None:
    watch.grade({"kangle": 4})
    watch.draw_up()
    seen = watch.ids()
    watch.grade({"kangle": 5})
    assert at_once(lambda: watch.approve(seen), watch.draw_up)[-1] == "done"
    [draft] = watch.waiting().values()
    assert (draft.state, draft.signal, draft.approved_name) == (WarningState.DRAFT, Signal.RED, None)
    assert [row.state for row in watch.versions("kangle")] == [WarningState.SUPERSEDED, WarningState.DRAFT]
    with pytest.raises(Conflict):
        watch.issue(seen)


def test_lifting_by_hand_meets_the_issue_of_a_newer_version_and_one_of_them_wins(watch: Watch) -> None:
    watch.grade({"kangle": 3})
    watch.draw_up()
    watch.release()
    number = watch.in_force()["kangle"].id or 0
    watch.day_with({"kangle": 5})
    watch.approve()
    ids = watch.ids()

    def lift() -> None:
        with watch.db.write() as session:
            release.lift(session, watch.clock, watch.book, number, "officer", NAME, "a mistake")

    assert at_once(lift, lambda: watch.issue(ids)) == ["conflict", "done"]
    signals = [row.signal for row in watch.in_force().values()]
    assert signals in ([], [Signal.RED])
    assert len(watch.texts()) == AGENCIES * (1 + len(signals))


def test_a_release_is_all_or_nothing(watch: Watch) -> None:
    watch.grade({"kangle": 5, "hezheng": 5})
    watch.draw_up()
    first, second = watch.ids()
    watch.approve([first])
    with pytest.raises(Conflict):
        watch.issue([first, second])
    assert watch.in_force() == {}
    assert watch.texts() == []
    with pytest.raises(BadInput, match="at least one"):
        watch.approve([first, first])
