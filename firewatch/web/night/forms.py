"""The night sheet as files: a page of HTML that needs nothing beside it, and A4 as PDF."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from firewatch.web.published import typeset

PAGES: Final = Environment(
    loader=FileSystemLoader(typeset.SOURCES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(facts: Mapping[str, Any]) -> bytes:
    """Return the sheet as one file: styles inside, no script, nothing loaded."""
    return PAGES.get_template("nightsheet.html").render(d=facts).encode()


def pdf(facts: Mapping[str, Any]) -> bytes:
    """Return the sheet as PDF. Raises NotSet."""
    return typeset.pdf("nightsheet", facts, "", datetime.fromisoformat(facts["made_at"]))
