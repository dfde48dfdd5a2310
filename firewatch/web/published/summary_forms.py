"""The files of a week or a season, each made of the one object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from firewatch.bulletins.summary import Summary
from firewatch.web.published import typeset
from firewatch.web.published.summary_view import sheet


@dataclass(frozen=True)
class SummaryForm:
    """A form: its media type, whether it differs by language, and how it is made of the facts in a language."""

    media_type: str
    by_language: bool
    make: Callable[[Summary, str], bytes]


def _pdf(facts: Summary, lang: str) -> bytes:
    at = datetime.combine(facts.until, time(), ZoneInfo(facts.time_zone))
    return typeset.pdf("summary", sheet(facts, lang), "", at)


def _json(facts: Summary, _lang: str) -> bytes:
    return facts.model_dump_json(indent=1).encode()


SUMMARY_FORMS: Final[Mapping[str, SummaryForm]] = {
    "pdf": SummaryForm("application/pdf", True, _pdf),
    "json": SummaryForm("application/json", False, _json),
}
"""By what stands behind the name in the address."""
