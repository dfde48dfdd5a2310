"""Who may come in: sign-in sessions, the brake on guessing, bearer tokens."""

from datetime import timedelta

import pytest
from sqlmodel import select

from firewatch.access import permissions, sessions, tokens, users
from firewatch.access.models import ApiToken, Role, User, WebSession
from firewatch.access.sessions import SignInThrottle
from firewatch.clock import FixedClock, ScaledClock
from firewatch.db import Database
from firewatch.errors import BadInput, Conflict, NotFound, Refused, Unauthenticated
from firewatch.incidents import timeline
from firewatch.messaging import conclude
from firewatch.web.deps import Caller
from tests.conftest import NOON

PASSWORD = "a-long-enough-password"
SECRET = "a-token-of-twenty-characters"


@pytest.fixture
def officer(db: Database, clock: FixedClock) -> User:
    with db.write() as session:
        return users.add_user(session, clock, "officer", "值班员甲", PASSWORD, Role.DUTY_OFFICER)


def signed_in(db: Database, clock: FixedClock, password: str = PASSWORD) -> str:
    with db.write() as session:
        user = sessions.authenticate(session, "officer", password)
        return sessions.open_session(session, clock, user, password)[1]


def who(db: Database, clock: FixedClock, cookie: str) -> str | None:
    with db.read() as session:
        found = sessions.check(session, clock, cookie)
        return found.user.username if found else None


@pytest.mark.usefixtures("officer")
def test_a_session_lasts_twelve_hours(db: Database, clock: FixedClock) -> None:
    cookie = signed_in(db, clock)
    clock.advance(hours=11, minutes=59)
    assert who(db, clock, cookie) == "officer"
    clock.advance(minutes=1)
    assert who(db, clock, cookie) is None


@pytest.mark.usefixtures("officer")
def test_the_cookie_itself_is_not_kept(db: Database, clock: FixedClock) -> None:
    cookie = signed_in(db, clock)
    with db.read() as session:
        row = session.exec(select(WebSession)).one()
    assert cookie not in (row.digest, row.csrf_token)
    assert who(db, clock, row.digest) is None, "a stolen table opens no door"


@pytest.mark.usefixtures("officer")
def test_every_sign_in_has_its_own_secrets(db: Database, clock: FixedClock) -> None:
    assert signed_in(db, clock) != signed_in(db, clock)
    with db.read() as session:
        assert len({row.csrf_token for row in session.exec(select(WebSession))}) == 2


@pytest.mark.usefixtures("officer")
def test_signing_out_ends_that_session_only(db: Database, clock: FixedClock) -> None:
    here, there = signed_in(db, clock), signed_in(db, clock)
    with db.write() as session:
        sessions.sign_out(session, here)
    assert who(db, clock, here) is None
    assert who(db, clock, there) == "officer"


@pytest.mark.usefixtures("officer")
def test_ended_sessions_are_cleared_at_the_next_sign_in(db: Database, clock: FixedClock) -> None:
    signed_in(db, clock)
    clock.advance(hours=13)
    signed_in(db, clock)
    with db.read() as session:
        assert len(session.exec(select(WebSession)).all()) == 1


def test_a_fast_clock_does_not_shorten_a_shift() -> None:
    assert sessions.wall_span(ScaledClock(NOON, speed=1000), timedelta(hours=12)) == timedelta(hours=12000)
    assert sessions.wall_span(FixedClock(NOON), timedelta(hours=12)) == timedelta(hours=12)


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("username", "password"),
    [("officer", "wrong-password"), ("nobody", PASSWORD), ("officer\0", PASSWORD), ("", ""), ("Officer", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(db: Database, username: str, password: str) -> None:
    with db.read() as session, pytest.raises(Unauthenticated, match="user name or password is wrong"):
        sessions.authenticate(session, username, password)


def test_whoever_was_put_out_of_service_is_out_at_once(db: Database, clock: FixedClock, officer: User) -> None:
    cookie = signed_in(db, clock)
    with db.write() as session:
        session.get_one(User, officer.id).active = False
    assert who(db, clock, cookie) is None
    with db.read() as session, pytest.raises(Unauthenticated):
        sessions.authenticate(session, "officer", PASSWORD)


@pytest.mark.usefixtures("officer")
def test_another_password_ends_all_sessions(db: Database, clock: FixedClock) -> None:
    cookie = signed_in(db, clock)
    with db.write() as session:
        users.change_password(session, "officer", "another-long-password")
    assert who(db, clock, cookie) is None
    with pytest.raises(Unauthenticated):
        signed_in(db, clock)
    assert who(db, clock, signed_in(db, clock, "another-long-password")) == "officer"


def test_an_old_hash_is_renewed_by_signing_in(db: Database, clock: FixedClock, officer: User) -> None:
    from argon2 import PasswordHasher

    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with db.write() as session:
        session.get_one(User, officer.id).password_hash = cheap
    signed_in(db, clock)
    with db.read() as session:
        assert session.get_one(User, officer.id).password_hash != cheap
    assert signed_in(db, clock)


@pytest.mark.parametrize(
    ("username", "display_name", "password"),
    [
        ("", "A", PASSWORD),
        ("UPPER", "A", PASSWORD),
        ("a b", "A", PASSWORD),
        ("x" * 41, "A", PASSWORD),
        ("a", " ", PASSWORD),
        ("a", "x" * 81, PASSWORD),
        ("a", "A", "short"),
    ],
)
def test_a_bad_user_is_refused(
    db: Database, clock: FixedClock, username: str, display_name: str, password: str
) -> None:
    with db.write() as session, pytest.raises(BadInput):
        users.add_user(session, clock, username, display_name, password, Role.VIEWER)


@pytest.mark.parametrize("name", [timeline.SYSTEM, conclude.SYSTEM])
def test_nobody_is_called_like_the_service_itself(db: Database, clock: FixedClock, name: str) -> None:
    with db.write() as session, pytest.raises(BadInput, match="goes on record"):
        users.add_user(session, clock, name, "A", PASSWORD, Role.VIEWER)


def test_no_user_name_looks_like_a_program() -> None:
    assert not users.is_username(Caller("x", Role.VIEWER).by)


def test_living_tokens_have_names_of_their_own(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        for name in (" ", "x" * (tokens.MAX_NAME + 1)):
            with pytest.raises(BadInput):
                tokens.create(session, clock, name, Role.VIEWER)
        token, _ = tokens.create(session, clock, "board", Role.VIEWER)
        with pytest.raises(Conflict):
            tokens.create(session, clock, "board", Role.DUTY_OFFICER)
        token.revoked_at = clock.now()
        assert tokens.create(session, clock, "board", Role.VIEWER)[0].id != token.id


@pytest.mark.usefixtures("officer")
def test_a_name_is_given_once(db: Database, clock: FixedClock) -> None:
    with db.write() as session, pytest.raises(Conflict):
        users.add_user(session, clock, "officer", "B", PASSWORD, Role.VIEWER)
    with db.write() as session, pytest.raises(NotFound):
        users.change_password(session, "nobody", PASSWORD)


HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def test_guessing_is_slowed_down_by_name_and_address(clock: FixedClock) -> None:
    throttle = SignInThrottle()
    for _ in range(4):
        throttle.failed(clock, "officer", HOME)
    assert not throttle.blocked(clock, "officer", HOME)
    throttle.failed(clock, "officer", HOME)
    assert throttle.blocked(clock, "officer", HOME)
    assert not throttle.blocked(clock, "another", HOME)
    assert not throttle.blocked(clock, "officer", ELSEWHERE), "nobody locks the duty officer out from elsewhere"
    clock.advance(minutes=5)
    assert not throttle.blocked(clock, "officer", HOME)


def test_an_address_that_tries_many_names_waits_with_all(clock: FixedClock) -> None:
    throttle = SignInThrottle()
    for number in range(sessions.MAX_ADDRESS_FAILURES):
        assert not throttle.blocked(clock, "officer", ELSEWHERE)
        throttle.failed(clock, f"name-{number}", ELSEWHERE)
    throttle.succeeded("name-1", ELSEWHERE)  # an account of one's own is no way round
    assert throttle.blocked(clock, "officer", ELSEWHERE)
    assert not throttle.blocked(clock, "officer", HOME)
    clock.advance(minutes=5)
    assert not throttle.blocked(clock, "officer", ELSEWHERE)


def test_a_form_without_a_name_counts_once(clock: FixedClock) -> None:
    throttle = SignInThrottle()
    for _ in range(4):
        throttle.failed(clock, "", HOME)
    assert not throttle.blocked(clock, "", HOME)


def test_success_forgets_failures_and_memory_is_bounded(clock: FixedClock) -> None:
    throttle = SignInThrottle()
    for _ in range(5):
        throttle.failed(clock, "officer", HOME)
    throttle.succeeded("officer", HOME)
    assert not throttle.blocked(clock, "officer", HOME)
    for number in range(sessions.MAX_REMEMBERED):
        throttle.failed(clock, f"name-{number}", f"address-{number}")
    assert len(throttle._failures) == sessions.MAX_REMEMBERED


def test_a_token_is_shown_once_and_kept_as_a_digest(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        token, secret = tokens.create(session, clock, "weather station", Role.VIEWER)
    assert secret not in token.digest
    with db.read() as session:
        found = tokens.check(session, clock, secret)
        assert found is not None
        assert (found.name, found.role) == ("weather station", Role.VIEWER)
        assert tokens.check(session, clock, token.digest) is None
        assert tokens.check(session, clock, "") is None


def test_the_bootstrap_token_is_written_once_and_stays_revoked(db: Database, clock: FixedClock) -> None:
    for _ in range(2):
        with db.write() as session:
            tokens.ensure_bootstrap(session, clock, SECRET)
    with db.write() as session:
        row = session.exec(select(ApiToken)).one()
        assert row.role is Role.DUTY_OFFICER
        assert tokens.check(session, clock, SECRET) is not None
        row.revoked_at = clock.now()
    with db.write() as session:
        tokens.ensure_bootstrap(session, clock, SECRET)
        assert tokens.check(session, clock, SECRET) is None, "a restart does not bring it back"
        with pytest.raises(BadInput):
            tokens.ensure_bootstrap(session, clock, "too-short")


def test_the_use_of_a_token_is_noted_now_and_then(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        token, _ = tokens.create(session, clock, "program", Role.VIEWER)
        assert token.id is not None
        assert tokens.use_is_due(clock, token)
        tokens.note_use(session, clock, token.id)
        assert not tokens.use_is_due(clock, token)
        clock.advance(minutes=1)
        assert tokens.use_is_due(clock, token)


def test_a_viewer_only_looks() -> None:
    permissions.require_to_act(Role.DUTY_OFFICER)
    assert not permissions.may_act(Role.VIEWER)
    with pytest.raises(Refused):
        permissions.require_to_act(Role.VIEWER)
