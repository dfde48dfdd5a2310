"""How a command is put into the parser."""

import argparse
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final, TypeAlias

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FASTEST: Final = 1_000_000


def day(text: str) -> date:
    """Return the day that an argument names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day: write YYYY-MM-DD") from None


def instant(text: str) -> datetime:
    """Return the instant that an argument names."""
    try:
        found: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} is no instant: write it with its offset, 2026-04-01T08:00+08:00")
    return found


def speed(text: str) -> float:
    """Return how many times as fast as the machine's a clock is to run."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is no speed: write a number above 0, 10 for ten times as fast")
    return found


def slug(text: str) -> str:
    """Return a name that may be one of a folder."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,38}", text):
        raise argparse.ArgumentTypeError(f"{text} is no name: write small letters, digits and hyphens, 39 at most")
    return text


def group(commands: Commands, name: str, meaning: str, metavar: str) -> Commands:
    """Add a word under which commands are gathered, and return the place for them."""
    return commands.add_parser(name, help=meaning).add_subparsers(required=True, metavar=metavar)


def add(commands: Commands, name: str, run: Command, meaning: str) -> argparse.ArgumentParser:
    """Add a command; `run` gets what was given and returns the exit status."""
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.set_defaults(run=run)
    return parser
