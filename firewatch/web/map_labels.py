"""Where the names of zones stand on the map: beside marks and other names, not under them. Pure.

Units are those of the drawing's viewBox, y downward. Sizes of text are estimates: no font is at hand here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final
from unicodedata import east_asian_width

NUMERAL: Final = 30.0
NAME: Final = 15.0
NARROW_NAME: Final = 23.0
"""The name's size where the drawing shrinks to a phone's width (console.css)."""
STEPS: Final = (0.0, -28.0, 28.0, -56.0, 56.0)
PER_UNIT_AWAY: Final = 4.0
"""How much covering, in square units, a label bears for every unit that it stands nearer to its place."""
OUTSIDE: Final = 1500.0
"""The same for standing in its own zone."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle that something covers."""

    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: "Box") -> float:
        """Return the area that two rectangles have in common."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True)
class Label:
    """A zone's numeral, the name below it, and where they would stand if nothing else did."""

    name: str
    at: Point
    holds: Callable[[Point], bool]
    """Whether a place lies in the zone."""


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is: a Chinese character is as wide as high, a letter about half of that."""
    return sum(size if east_asian_width(character) in "WF" else 0.56 * size for character in text)


def boxes(at: Point, name: str, size: float = NAME) -> tuple[Box, Box]:
    """Return what a label covers: its numeral on the line of its place, its name below."""
    x, y = at
    half = text_width(name, size) / 2
    return Box(x - 12, y - NUMERAL * 0.8, x + 12, y + 2), Box(x - half, y + 5, x + half, y + 25)


def places(labels: Sequence[Label], marks: Iterable[Box]) -> list[Point]:
    """Return where each label is to stand: where it covers least, and then nearest to its place."""
    marked, written, found = list(marks), list[Box](), list[Point]()
    for label in labels:
        x, y = label.at
        tried = [(x + dx, y + dy) for dx, dy in product(STEPS, STEPS)]
        reach = _reach(label)
        near = [box for box in marked if box.covers(reach)]
        costs = [_cost(label, at, near, written) for at in tried]
        best = tried[costs.index(min(costs))]
        written += boxes(best, label.name, NARROW_NAME)
        found.append(best)
    return found


def _reach(label: Label) -> Box:
    """Return all that a label could cover, wherever it is put."""
    (numeral, name), far = boxes(label.at, label.name), max(STEPS)
    left, right = min(numeral.left, name.left), max(numeral.right, name.right)
    return Box(left - far, numeral.top - far, right + far, name.bottom + far)


def _cost(label: Label, at: Point, marked: Sequence[Box], written: Sequence[Box]) -> float:
    """Return what is against a place. Names keep clear of each other on a phone too, where they are larger."""
    away = abs(at[0] - label.at[0]) + abs(at[1] - label.at[1])
    over_marks = sum(mine.covers(box) for mine in boxes(at, label.name) for box in marked)
    over_names = sum(mine.covers(box) for mine in boxes(at, label.name, NARROW_NAME) for box in written)
    return PER_UNIT_AWAY * away + over_marks + over_names + (0.0 if label.holds(at) else OUTSIDE)


def anchored(x: float, name: str, width: float) -> tuple[str, float]:
    """Return how a name hangs on its place, and on which x, so that it stays on a drawing that wide on a phone too.

    `middle` where there is room; else `end` or `start`, where it would end or start at its usual size.
    """
    half, narrow_half = text_width(name, NAME) / 2, text_width(name, NARROW_NAME) / 2
    if x + narrow_half > width:
        return "end", min(x + half, width)
    if x - narrow_half < 0:
        return "start", max(x - half, 0.0)
    return "middle", x
