"""What a mail server's answers come to: a table of data beside this module, read once. Pure.

`smtp_replies.csv` has a row for a reply, or for the enhanced status code that stands in it (RFC 3463, which says more
exactly what is wrong), at a stage of the session, or at any. A reply that begins with 4 is tried again (RFC 5321,
4.2.1). One that begins with 5 and is not in the table is our own fault where we introduce ourselves, and the letter's
where it is given over: the address itself is only given up on a reply that says so.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from firewatch.messaging.transitions import FailureKind

FILE: Final = Path(__file__).with_name("smtp_replies.csv")
STAGES: Final = ("connect", "hello", "tls", "login", "mail", "rcpt", "data")
"""Of a session, in their order."""
GIVEN_OVER: Final = ("rcpt", "data")
ENHANCED: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
REASON: Final = re.compile(r"smtp (\w+) (\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))?")
"""How a reply stands in a message's `error`: never with the server's words, which quote the address."""


@cache
def table() -> Mapping[tuple[str, str], FailureKind]:
    """Return the kind of every reply that is known, by stage and reply."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return read(file)


def read(lines: Iterable[str]) -> Mapping[tuple[str, str], FailureKind]:
    """Return the rows of a table. Raises ValueError for a row that comes twice, a stage or a kind that is none."""
    found: dict[tuple[str, str], FailureKind] = {}
    for row in csv.DictReader(lines):
        key = row["stage"], row["reply"]
        if key in found or key[0] not in {"*", *STAGES}:
            raise ValueError(f"{key}: comes twice, or is of no stage")
        found[key] = FailureKind(row["kind"])
    return found


def enhanced_in(text: str) -> str:
    """Return the enhanced status code that a reply's text begins with; empty: none."""
    found = ENHANCED.match(text)
    return found[1] if found else ""


def reason(stage: str, reply: int, text: str = "") -> str:
    """Return how a reply is put on record."""
    return f"smtp {stage} {reply} {enhanced_in(text)}".rstrip()


def kind_of(said: str | None) -> FailureKind | None:
    """Return what a reply on record comes to; None for what is none."""
    found = REASON.fullmatch(said or "")
    if found is None:
        return None
    stage, reply, enhanced = found.groups()
    if reply.startswith("4"):
        return FailureKind.TRANSIENT
    known = table()
    for key in ((stage, enhanced), ("*", enhanced), (stage, reply), ("*", reply)):
        if key in known:
            return known[key]
    return FailureKind.FILTERED if stage in GIVEN_OVER else FailureKind.OURS
