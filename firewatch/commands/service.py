"""Commands that run the service and look after its database. Each imports only what it needs: it starts quicker."""

import argparse
import sys
from pathlib import Path

from firewatch.commands.parsing import Commands, add, group, instant, slug, speed
from firewatch.errors import BadInput


def register(commands: Commands) -> None:
    """Add serve, demo, drill, check and db."""
    add(commands, "serve", _serve, "run the service; settings come from FIREWATCH_* variables")
    demo = add(commands, "demo", _demo, "run the demonstration alliance: made-up weather, no SMS leaves")
    demo.add_argument("--weather", metavar="FILE", type=Path, help="replay this station file instead")
    drill = add(commands, "drill", _drill, "run a drill beside the real service, sealed off from it and from phones")
    drill.add_argument("name", nargs="?", type=slug, help="go on with this drill, or begin it; default: today's date")
    drill.add_argument(
        "--weather", metavar="FILE", help="replay this station file, or made-up; default: as the service"
    )
    drill.add_argument(
        "--start", metavar="INSTANT", type=instant, help="where its clock starts; default: as the service"
    )
    drill.add_argument("--speed", metavar="TIMES", type=speed, help="how fast its clock runs; default: as the service")
    add(commands, "check", _check, "tell what is configured, missing or unreachable")
    db = group(commands, "db", "the database", "ACTION")
    add(db, "upgrade", _db_upgrade, "apply the migrations that are missing")
    down = add(db, "downgrade", _db_downgrade, "take migrations back")
    down.add_argument("revision", help="revision to go back to; base removes every table")
    down.add_argument("--yes", action="store_true", help="really: what the migrations brought is deleted")


def _serve(_given: argparse.Namespace) -> int:
    from firewatch.run import serve

    return serve()


def _demo(given: argparse.Namespace) -> int:
    from firewatch.run import demo

    return demo(given.weather)


def _drill(given: argparse.Namespace) -> int:
    from firewatch.run import drill

    return drill(given.name, given.weather, given.start, given.speed)


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
