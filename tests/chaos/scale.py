"""How much chaos: the short form of every run of the tests, or the whole of `make chaos`; and its table of figures."""

import os
from pathlib import Path
from typing import Final, TypeVar

FULL: Final = os.environ.get("FIREWATCH_TEST_CHAOS") == "full"
TABLE: Final = os.environ.get("FIREWATCH_TEST_CHAOS_TABLE")
T = TypeVar("T")


def size(short: T, full: T) -> T:
    """One value for the short form, another for the whole."""
    return full if FULL else short


def tell(row: str, lost: int, doubled: int, *more: str) -> None:
    """Put a row into the table of figures, and on the test's output."""
    line = f"| {row} | {lost} | {doubled} | {'; '.join(more)} |"
    print(line)  # noqa: T201 - the figure to report
    if TABLE:
        with Path(TABLE).open("a", encoding="utf-8") as table:
            table.write(line + "\n")
