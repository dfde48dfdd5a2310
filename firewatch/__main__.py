"""The command line. Exit status: 0 well, 1 something is wrong, 2 the call, a setting or an input cannot be used."""

import argparse
import sys
from collections.abc import Sequence

from firewatch import __version__
from firewatch.commands import (
    backfill,
    bulletin,
    danger,
    messages,
    nightsheet,
    people,
    plan,
    resources,
    roads,
    roster,
    service,
)
from firewatch.commands.parsing import Command
from firewatch.errors import FirewatchError


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
    for area in (service, people, resources, roster, plan, roads, danger, backfill, messages, bulletin, nightsheet):
        area.register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
