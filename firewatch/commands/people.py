"""Commands that let people and programs in."""

import argparse
import getpass
import sys

from firewatch.commands.parsing import Commands, add, group


def register(commands: Commands) -> None:
    """Add user and token."""
    user = group(commands, "user", "people who sign in", "ACTION")
    for name, run, meaning in (("add", _user_add, "add a person"), ("password", _user_password, "set a new password")):
        action = add(user, name, run, f"{meaning}; asks for the password, or reads it from standard input")
        action.add_argument("username")
        if name == "add":
            action.add_argument("--name", help="name to be shown; default: the user name")
            action.add_argument("--role", choices=("duty_officer", "viewer"), default="duty_officer")
    token = group(commands, "token", "programs that call", "ACTION")
    made = add(token, "add", _token_add, "make a token and print it once")
    made.add_argument("name")
    made.add_argument(
        "--role",
        choices=("duty_officer", "viewer"),
        default="viewer",
        help="duty_officer may report and act, viewer only looks; default: viewer",
    )


def _user_add(given: argparse.Namespace) -> int:
    from firewatch.access.models import Role
    from firewatch.access.users import add_user
    from firewatch.clock import SystemClock
    from firewatch.run import named_database

    with named_database().write() as session:
        add_user(session, SystemClock(), given.username, given.name or given.username, _password(), Role(given.role))
    return 0


def _user_password(given: argparse.Namespace) -> int:
    from firewatch.access.users import change_password
    from firewatch.run import named_database

    with named_database().write() as session:
        change_password(session, given.username, _password())
    return 0


def _password() -> str:
    return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _token_add(given: argparse.Namespace) -> int:
    from firewatch.access import tokens
    from firewatch.access.models import Role
    from firewatch.clock import SystemClock
    from firewatch.run import named_database

    with named_database().write() as session:
        _, secret = tokens.create(session, SystemClock(), given.name, Role(given.role))
    print(f"token of {given.name}, who may {'act' if given.role == 'duty_officer' else 'only look'}:", file=sys.stderr)
    print(secret)
    return 0
