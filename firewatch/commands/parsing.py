"""How a command is put into the parser."""

import argparse
from collections.abc import Callable
from datetime import date
from typing import TypeAlias

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def day(text: str) -> date:
    """Return the day that an argument names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day: write YYYY-MM-DD") from None


def group(commands: Commands, name: str, meaning: str, metavar: str) -> Commands:
    """Add a word under which commands are gathered, and return the place for them."""
    return commands.add_parser(name, help=meaning).add_subparsers(required=True, metavar=metavar)


def add(commands: Commands, name: str, run: Command, meaning: str) -> argparse.ArgumentParser:
    """Add a command; `run` gets what was given and returns the exit status."""
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.set_defaults(run=run)
    return parser
