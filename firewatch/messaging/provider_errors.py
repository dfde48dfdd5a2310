"""What the provider's error codes come to: a table of data beside this module, read once.

`twilio_errors.csv` has one row for a code: what it means stands at https://www.twilio.com/docs/api/errors/<code> and,
in our words, in the catalogues (`provider_error.<code>`); what is done about it is its kind. The same table serves a
refusal of a message and a receipt that says it did not arrive. A code that is not in it is said to be unknown: refused
with it a message is tried again until it is given up with an alarm, as with any other fault that may pass.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from firewatch.messaging.transitions import FailureKind

FILE: Final = Path(__file__).with_name("twilio_errors.csv")
REASON: Final = re.compile(r"(?:twilio )?(\d{5})")
"""How a code stands in a message's `error` and in an alarm's `reason`."""


@cache
def table() -> Mapping[int, FailureKind]:
    """Return the kind of every code that is known."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return read(file)


def read(lines: Iterable[str]) -> Mapping[int, FailureKind]:
    """Return the rows of a table. Raises ValueError for a code that comes twice and a kind that is none."""
    found: dict[int, FailureKind] = {}
    for row in csv.DictReader(lines):
        code = int(row["code"])
        if code in found:
            raise ValueError(f"{code}: comes twice")
        found[code] = FailureKind(row["kind"])
    return found


def code_in(reason: str | None) -> int | None:
    """Return the provider's code that a reason consists of; None where it is something else."""
    found = REASON.fullmatch(reason or "")
    return int(found[1]) if found else None


def kind_of(reason: str | None) -> FailureKind | None:
    """Return what a reason comes to; None where it is no code, or one that nobody knows."""
    code = code_in(reason)
    return None if code is None else table().get(code)
