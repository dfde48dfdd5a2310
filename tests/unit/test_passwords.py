"""Passwords: right ones pass, wrong ones do not, nobody takes as long as somebody, old hashes are renewed."""

import time

import pytest
from argon2 import PasswordHasher

from firewatch.access import passwords
from firewatch.errors import BadInput

GOOD = "a-long-enough-password"


def test_the_right_password_passes_and_no_other() -> None:
    stored = passwords.hash_password(GOOD)
    assert passwords.verify(stored, GOOD)
    assert not passwords.verify(stored, GOOD + "!")
    assert not passwords.verify(stored, "")
    assert GOOD not in stored


def test_equal_passwords_have_different_hashes() -> None:
    assert passwords.hash_password(GOOD) != passwords.hash_password(GOOD)


def test_it_is_argon2id_and_fits_its_column() -> None:
    stored = passwords.hash_password("密码密码密码密码密码密码")
    assert stored.startswith("$argon2id$")
    assert len(stored) <= 200
    assert passwords.verify(stored, "密码密码密码密码密码密码")


@pytest.mark.parametrize("bad", ["", "short", "x" * (passwords.MIN_LENGTH - 1), "x" * (passwords.MAX_LENGTH + 1)])
def test_too_short_or_absurdly_long_is_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="password"):
        passwords.hash_password(bad)


@pytest.mark.parametrize("length", [passwords.MIN_LENGTH, passwords.MAX_LENGTH])
def test_the_bounds_are_allowed(length: int) -> None:
    stored = passwords.hash_password("x" * length)
    assert passwords.verify(stored, "x" * length)
    assert not passwords.verify(stored, "x" * (length + 1))


def test_nobody_is_never_right() -> None:
    assert not passwords.verify(None, GOOD)
    assert not passwords.verify(None, "nobody has this password")


def test_a_broken_hash_is_never_right() -> None:
    assert not passwords.verify("not a hash", GOOD)


def test_nobody_takes_as_long_as_somebody() -> None:
    stored = passwords.hash_password(GOOD)

    def best(known: str | None) -> float:
        return min(_timed(known) for _ in range(5))

    def _timed(known: str | None) -> float:
        start = time.perf_counter()
        passwords.verify(known, "wrong-password")
        return time.perf_counter() - start

    # Without the comparison with a hash of nobody's, it would be a thousand times faster.
    assert best(None) > best(stored) / 3


def test_a_hash_of_another_cost_is_renewed() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    fresh = passwords.refreshed(cheap, GOOD)
    assert fresh is not None
    assert passwords.verify(fresh, GOOD)
    assert passwords.refreshed(fresh, GOOD) is None
