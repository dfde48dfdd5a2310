"""The command line. Exit status: 0 well, 1 something is wrong, 2 the call, a setting or an input cannot be used."""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from firewatch import __version__
from firewatch.errors import BadInput, FirewatchError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    given = _parser().parse_args(arguments)
    run: Command = given.run
    try:
        return run(given)
    except FirewatchError as error:
        print(f"firewatch: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads our output has had enough; let the interpreter not complain about it at its end.
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="firewatch", description="Wildfire early warning and joint dispatch.")
    parser.add_argument("--version", action="version", version=f"firewatch {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    _add(commands, "serve", _serve, "run the service; settings come from FIREWATCH_* variables")
    demo = _add(commands, "demo", _demo, "run the demonstration alliance: made-up weather, no SMS leaves")
    demo.add_argument("--weather", metavar="FILE", type=Path, help="replay this station file instead")
    _add(commands, "check", _check, "tell what is configured, missing or unreachable")

    db = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="ACTION")
    _add(db, "upgrade", _db_upgrade, "apply the migrations that are missing")
    down = _add(db, "downgrade", _db_downgrade, "take migrations back")
    down.add_argument("revision", help="revision to go back to; base removes every table")
    down.add_argument("--yes", action="store_true", help="really: what the migrations brought is deleted")

    user = commands.add_parser("user", help="people who sign in").add_subparsers(required=True, metavar="ACTION")
    for name, run, meaning in (("add", _user_add, "add a person"), ("password", _user_password, "set a new password")):
        action = _add(user, name, run, f"{meaning}; asks for the password, or reads it from standard input")
        action.add_argument("username")
        if name == "add":
            action.add_argument("--name", help="name to be shown; default: the user name")
            action.add_argument("--role", choices=("duty_officer", "viewer"), default="duty_officer")

    token = commands.add_parser("token", help="programs that call").add_subparsers(required=True, metavar="ACTION")
    made = _add(token, "add", _token_add, "make a token and print it once")
    made.add_argument("name")
    made.add_argument(
        "--role",
        choices=("duty_officer", "viewer"),
        default="viewer",
        help="duty_officer may report and act, viewer only looks; default: viewer",
    )

    danger = commands.add_parser("danger", help="fire-danger indices of a file").add_subparsers(
        required=True, metavar="INDEX"
    )
    fwi = _add(danger, "fwi", _danger_fwi, "the FWI System: id,lat,long,yr,mon,day,temp,rh,ws,prec")
    fwi.add_argument("file", metavar="FILE.csv", type=Path)
    fwi.add_argument("--constant", choices=("vw1985", "exact"), default="vw1985", help="of the FFMC scale")
    lyt = _add(danger, "lyt1172", _danger_lyt, "LY/T 1172-1995: date,tmax_c,rhmin_pct,rain_mm,windmax_ms,green_pct,...")
    lyt.add_argument("file", metavar="FILE.csv", type=Path)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command, meaning: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.set_defaults(run=run)
    return parser


# The heavy parts are imported by the command that needs them: `firewatch danger` needs no web server.


def _serve(_given: argparse.Namespace) -> int:
    from firewatch.run import serve

    return serve()


def _demo(given: argparse.Namespace) -> int:
    from firewatch.run import demo

    return demo(given.weather)


def _check(_given: argparse.Namespace) -> int:
    from firewatch.check import check

    return check(sys.stdout)


def _db_upgrade(_given: argparse.Namespace) -> int:
    from firewatch import migrations
    from firewatch.run import named_database

    db = named_database(new=True)
    migrations.upgrade(db)
    print(f"{db.url.render_as_string(hide_password=True)} is up to date")
    return 0


def _db_downgrade(given: argparse.Namespace) -> int:
    from firewatch import migrations
    from firewatch.run import named_database

    if not given.yes:
        raise BadInput("taking migrations back deletes what they hold; back the database up, then say --yes")
    migrations.downgrade(named_database(), given.revision)
    return 0


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


def _danger_fwi(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import fwi_file

    fwi_file(given.file, sys.stdout, given.constant)
    return 0


def _danger_lyt(given: argparse.Namespace) -> int:
    from firewatch.danger.csv_files import lyt1172_file

    lyt1172_file(given.file, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
