"""The list of all pages, pages.toml: what is tried on which."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("pages.toml")
CELLS = ("axe", "narrow", "dark", "zh", "en", "plain", "export")


@dataclass(frozen=True)
class Row:
    """A page: its route, an example of it, and for each cell whether it is tried or why not."""

    name: str
    route: str
    address: str
    signed_in: bool
    cells: Mapping[str, bool | str]
    excused: Mapping[str, str] = field(default_factory=dict)
    """Rules of axe that the page may break, with the reason."""

    def tries(self, cell: str) -> bool:
        return self.cells[cell] is True


def read(text: str = "") -> tuple[list[Row], dict[str, str]]:
    """All pages, and the routes that are none with the reason; of some other text than the file's, too."""
    found: dict[str, Any] = tomllib.loads(text or FILE.read_text(encoding="utf-8"))
    return [Row(name, **row) for name, row in found["page"].items()], found["no-page"]


def faults(row: Row) -> list[str]:
    """What is wrong with a line of the list: an empty cell, one that nobody knows."""
    wrong = [f"{row.name}: no cell is called {name}" for name in row.cells if name not in CELLS]
    wrong += [
        f"{row.name}: it is not said why {rule} is excused" for rule, why in row.excused.items() if not why.strip()
    ]
    for name in CELLS:
        said = row.cells.get(name, "")
        if said is not True and not (isinstance(said, str) and said.strip()):
            wrong.append(f"{row.name}: {name} is neither tried nor is it said why not")
    return wrong
