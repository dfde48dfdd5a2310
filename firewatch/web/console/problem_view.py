"""What is wrong in a file that was sent in, as the page of its look shows it."""

from dataclasses import dataclass

from firewatch.files.problems import Problem
from firewatch.web.console.speech import Speech


@dataclass(frozen=True)
class ProblemRow:
    """What is wrong, and where."""

    where: str
    column: str
    reason: str


def problem_row(speech: Speech, each: Problem) -> ProblemRow:
    """Return a problem in the reader's language."""
    return ProblemRow(each.where(speech.lang), each.column or "", each.reason(speech.lang))
