"""What commands share that bring files in and write them out."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.errors import BadInput

if TYPE_CHECKING:
    from sqlmodel import Session

    from firewatch.agencies.models import Agency
    from firewatch.files.problems import Problem

BY = "command-line"
"""Under which name their deeds are recorded."""


def known_agency(session: "Session", agency_id: str) -> "Agency":
    """Return an agency. Raises BadInput for one that there is not."""
    from sqlmodel import select

    from firewatch.agencies.models import Agency

    known = {agency.id: agency for agency in session.exec(select(Agency).order_by(Agency.id))}
    if agency_id not in known:
        raise BadInput(f"there is no agency {agency_id}; there are: {', '.join(known) or 'none'}")
    return known[agency_id]


def tell_problems(problems: "Sequence[Problem]") -> int:
    """Print what is wrong with a file, and return the exit status."""
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problems: nothing was changed", file=sys.stderr)
    return 2


def write_out(file: Path, data: bytes) -> None:
    """Write a file. Raises BadInput where it cannot be."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise BadInput(f"{file}: cannot be written: {error.strerror}") from None
