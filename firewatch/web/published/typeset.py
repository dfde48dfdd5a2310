"""Typst sets what is printed: the bulletin as PDF, its map and the card as PNG.

Texts and figures go in as JSON and the map as a drawing: nothing a person wrote is ever part of a Typst source. The
font comes out of a package; the machine's own are not looked at, so that every machine sets the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typst

SOURCES: Final = Path(__file__).parents[1] / "templates" / "print"
FONT_PACKAGE: Final = "manimgx_fonts_cjk"


class NotSet(RuntimeError):
    """Typst could not set a page, or not as it should be: a font is missing, say."""


def pdf(source: str, data: Mapping[str, object], drawing: str, at: datetime) -> bytes:
    """Return a tagged PDF (PDF/UA-1) out of a source; `at` is its date, so that equal input gives equal bytes."""
    return _set(source, data, drawing, format="pdf", pdf_standards=["ua-1"], timestamp=int(at.timestamp()))


def png(source: str, data: Mapping[str, object], drawing: str, pixels_per_inch: float) -> bytes:
    """Return a picture of a source's only page."""
    return _set(source, data, drawing, format="png", ppi=pixels_per_inch)


def _set(source: str, data: Mapping[str, object], drawing: str, **how: Any) -> bytes:  # noqa: ANN401 - typst's own
    given = {"data": json.dumps(data, ensure_ascii=False), "map": drawing}
    try:
        found, warnings = typst.compile_with_warnings(
            str(SOURCES / f"{source}.typ"),
            root=str(SOURCES),
            font_paths=_fonts(),
            sys_inputs=given,
            **how,
        )
    except typst.TypstError as error:
        raise NotSet(f"{source}.typ: {error.message}") from error
    if warnings:
        raise NotSet(f"{source}.typ: {warnings[0].message}")
    pages = found if isinstance(found, list) else [found]
    if len(pages) != 1 or pages[0] is None:
        raise NotSet(f"{source}.typ: {len(pages)} pages in place of one")
    return bytes(pages[0])


@cache
def _fonts() -> typst.Fonts:
    spec = find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise NotSet(f"the package {FONT_PACKAGE} is not installed: it holds the font")
    folder = str(Path(spec.origin).parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
