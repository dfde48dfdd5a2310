"""Commands that let people and programs in."""

import argparse
import getpass
import sys

from firewatch.commands.parsing import Commands, add, group


def register(commands: Commands) -> None:
    """Add user and token."""
    agency = "an agency: only its resources may be changed; without one, those of all"
    user = group(commands, "user", "people who sign in", "ACTION")
    for name, run, meaning in (("add", _user_add, "add a person"), ("password", _user_password, "set a new password")):
        action = add(user, name, run, f"{meaning}; asks for the password, or reads it from standard input")
        action.add_argument("username")
        if name == "add":
            action.add_argument("--name", help="name to be shown; default: the user name")
            action.add_argument("--role", choices=("duty_officer", "viewer"), default="duty_officer")
            action.add_argument("--agency", metavar="ID", help=agency)
    moved = add(
        user, "agency", _user_agency, "let a person act for an agency or, if none is named, for the whole alliance"
    )
    moved.add_argument("username")
    moved.add_argument("agency", nargs="?", metavar="ID", help=agency)
    token = group(commands, "token", "programs that call", "ACTION")
    made = add(token, "add", _token_add, "make a token and print it once")
    made.add_argument("name")
    made.add_argument(
        "--role",
        choices=("duty_officer", "viewer"),
        default="viewer",
        help="duty_officer may report and act, viewer only looks; default: viewer",
    )
    made.add_argument("--station", metavar="ID", help="a token with which this station sends its weather, nothing else")
    made.add_argument("--agency", metavar="ID", help=agency)
    add(token, "revoke", _token_revoke, "let a token open nothing from now on").add_argument("name")


def _user_add(given: argparse.Namespace) -> int:
    from firewatch.access.models import Role
    from firewatch.access.users import add_user
    from firewatch.clock import SystemClock
    from firewatch.run import named_database

    _known_agency(given.agency)
    name, role = given.name or given.username, Role(given.role)
    with named_database().write() as session:
        add_user(session, SystemClock(), given.username, name, _password(), role, given.agency)
    return 0


def _user_agency(given: argparse.Namespace) -> int:
    from firewatch.access.users import change_agency
    from firewatch.run import named_database

    _known_agency(given.agency)
    with named_database().write() as session:
        change_agency(session, given.username, given.agency)
    return 0


def _known_agency(agency: str | None) -> None:
    from firewatch.errors import BadInput
    from firewatch.run import named_rulebook

    known = [] if agency is None else sorted(row.id for row in named_rulebook().agencies)
    if agency is not None and agency not in known:
        raise BadInput(f"there is no agency {agency} in agencies.csv; there are: {', '.join(known)}")


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

    role = Role(given.role)
    if given.station is not None:
        role = Role.STATION
        _known_station(given.station)
    _known_agency(given.agency)
    with named_database().write() as session:
        _, secret = tokens.create(session, SystemClock(), given.name, role, given.station, given.agency)
    may = {Role.DUTY_OFFICER: "act", Role.VIEWER: "only look", Role.STATION: f"send for station {given.station}"}[role]
    print(f"token of {given.name}, who may {may}:", file=sys.stderr)
    print(secret)
    return 0


def _known_station(station: str) -> None:
    from firewatch.errors import BadInput
    from firewatch.run import named_rulebook

    known = sorted(named_rulebook().weather.stations())
    if station not in known:
        raise BadInput(f"there is no station {station} in weather.toml; there are: {', '.join(known) or 'none'}")


def _token_revoke(given: argparse.Namespace) -> int:
    from firewatch.access import tokens
    from firewatch.clock import SystemClock
    from firewatch.run import named_database

    with named_database().write() as session:
        tokens.revoke(session, SystemClock(), given.name)
    return 0
