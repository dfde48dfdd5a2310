"""The folder of night sheets: the newest is replaced whole or not at all, a few before it are kept.

Whole telephone numbers stand in these files: only the service's own user may read them, and nothing of them is logged.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.errors import Unavailable
from firewatch.files.whole import put
from firewatch.rulebook.read import Rulebook
from firewatch.web.night import facts, forms
from firewatch.web.published.typeset import NotSet

NAME: Final = "nightsheet"
FORMS: Final[Mapping[str, str]] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
KEPT: Final = 12
"""Sheets before the newest."""
LEAST_TRUST: Final = timedelta(minutes=30)
"""How long the state on a sheet may be relied on at least; telephone numbers hold longer."""
LATE_AFTER: Final = 3
"""So many sheets in a row that did not come make the newest old."""
HEAD_BYTES: Final = 1000
_MADE = re.compile(r'<meta name="made" content="([^"]+)">')
_DATED = re.compile(rf"{NAME}-(\d{{8}}T\d{{6}}Z)\.(?:html|pdf)")
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class NightSheets:
    """Where the sheets lie, and what they are made of."""

    db: Database
    clock: Clock
    book: Rulebook
    folder: Path
    lang: str
    minutes: float = 5
    """Between two sheets, of the wall."""
    notices: Sequence[str] = ()
    """Catalogue keys of what has to stand above all else: a demonstration, say."""

    def write(self) -> None:
        """Write a sheet now. Raises Unavailable when it cannot be written whole; the page of HTML is tried first."""
        now = self.clock.now()
        trust = max(LEAST_TRUST, timedelta(minutes=2 * self.minutes))
        with self.db.read() as session:
            found = facts.build(session, self.book, self.lang, now, now + self._of_clock(trust), self.notices)
        dated = f"{NAME}-{now.astimezone(UTC).strftime(_STAMP)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix, make in (("html", forms.html), ("pdf", forms.pdf)):
                made = make(found)
                put(self.folder / f"{dated}.{suffix}", made)
                put(self.folder / f"{NAME}.{suffix}", made)
            self._forget(dated)
        except OSError as error:
            raise Unavailable(f"{self.folder}: {error.strerror or type(error).__name__}") from None
        except NotSet as error:
            raise Unavailable(f"{NAME}.pdf: {error}") from None

    def made_at(self) -> datetime | None:
        """Return when the newest sheet was made, as it says itself; None when there is none that says it."""
        try:
            with (self.folder / f"{NAME}.html").open("rb") as file:
                said = _MADE.search(file.read(HEAD_BYTES).decode(errors="replace"))
            return datetime.fromisoformat(said[1]) if said else None
        except (OSError, ValueError):
            return None

    def is_old(self) -> bool:
        """Return whether the newest sheet is missing or older than it may be."""
        made, now = self.made_at(), self.clock.now()
        return made is None or now - made > self._of_clock(timedelta(minutes=LATE_AFTER * self.minutes))

    def file(self, suffix: str) -> bytes | None:
        """Return the newest sheet in a form; None when there is none."""
        try:
            return (self.folder / f"{NAME}.{suffix}").read_bytes()
        except OSError:
            return None

    def _of_clock(self, span: timedelta) -> timedelta:
        """Return a span of the wall as one of the service's clock, which may run faster."""
        wall = self.clock.real_seconds(timedelta(seconds=1))
        return span / wall if wall else span

    def _forget(self, newest: str) -> None:
        """Delete what is older than the last few; a sheet from a time that has not come yet is none of ours."""
        stamps = sorted({match[1] for each in self.folder.iterdir() if (match := _DATED.fullmatch(each.name))})
        past = [stamp for stamp in stamps if f"{NAME}-{stamp}" <= newest]
        for stamp in set(stamps) - set(past[-KEPT - 1 :]):
            for suffix in FORMS:
                (self.folder / f"{NAME}-{stamp}.{suffix}").unlink(missing_ok=True)
