"""Errors that know what they mean to the caller; `web` turns them into RFC 9457 problem details."""

from typing import ClassVar


class FirewatchError(Exception):
    """An error whose message says what is wrong and what to do; it never carries a phone number or a key."""

    status: ClassVar[int] = 500


class BadInput(FirewatchError):
    """What was handed in cannot be used; the message names the field, line or key."""

    status = 422


class NotFound(FirewatchError):
    """Nothing is known under that name."""

    status = 404


class Conflict(FirewatchError):
    """It clashes with what is already on record, or with the state things are in."""

    status = 409


class Refused(FirewatchError):
    """The caller is known but may not do this."""

    status = 403


class Unauthenticated(FirewatchError):
    """The caller has not said who he is, or it did not convince."""

    status = 401


class Unavailable(FirewatchError):
    """A remote service or the database does not answer; worth another try."""

    status = 503
