"""What the commands over CSV files share: rows in blocks, days in order, an answer that comes whole or not at all."""

import contextlib
import itertools
import math
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import TextIO, cast

from firewatch.danger.csv_table import Row

BLOCK_ROWS = 20_000
_IN_MEMORY_BYTES = 16_000_000


def days_between(row: Row, last_on: date | None, on: date, whose: str = "") -> int:
    """Answer how many days after the last row this one is (1 for the first row); BadInput unless it is later."""
    days = (on - last_on).days if last_on else 1
    if days == 0:
        raise row.bad(f"{on} stands there twice{whose}")
    if days < 0:
        raise row.bad(f"{on} comes after {last_on}{whose}: the days must be in order")
    return days


def named(chain: str) -> str:
    """Answer whose row it is, for an error; "" where the file knows no stations."""
    return f" (id {chain})" if chain else ""


def spelt(value: float) -> str:
    """Answer a number so that reading it gives the same bits; "" for NaN."""
    return "" if math.isnan(value) else repr(value)


def blocks(rows: Iterator[Row], size: int = BLOCK_ROWS) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `size`."""
    while block := list(itertools.islice(rows, size)):
        yield block


@contextlib.contextmanager
def answer_to(out: TextIO) -> Iterator[TextIO]:
    """Give a place to write whose text reaches `out` when the block ends well."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, "w+", encoding="utf-8", newline="") as waiting:
        yield cast("TextIO", waiting)
        waiting.seek(0)
        shutil.copyfileobj(waiting, out)
