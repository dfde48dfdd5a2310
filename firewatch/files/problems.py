"""What is wrong in a file that somebody sent in, told by where it stands. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from firewatch import i18n


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a table, a line of it (None: the table as a whole), a column (None: the line).

    `what` is the catalogue key exchange.problem.<what>, or a whole key, with its places; of a cell, the places hold its
    text. `hint` is the key of what would hold. Of a calendar (`is_event`) the line is the number of an event.
    """

    sheet: str
    line: int | None
    column: str | None
    what: str
    places: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    is_event: bool = False

    def where(self, lang: str) -> str:
        """Return where it stands in a language."""
        if self.line is None:
            return self.sheet
        return i18n.text(lang, "tables.event" if self.is_event else "tables.line", sheet=self.sheet, line=self.line)

    def reason(self, lang: str) -> str:
        """Return what is wrong in a language; a cell that does not hold is told what would."""
        hint = {"hint": i18n.text(lang, self.hint)} if self.hint else {}
        key = self.what if "." in self.what else f"exchange.problem.{self.what}"
        return i18n.text(lang, key, **self.places, **hint)

    def __str__(self) -> str:
        """Tell it in one line of English."""
        return f"{self.where('en')}: {f'{self.column}: ' if self.column else ''}{self.reason('en')}"
