"""Charts of a week or a season, drawn by the server as small SVGs: no script, no inline style. Pure.

An index is a line, its mean over the points, on a band from the lowest to the highest. A day without a value is a gap
in both, with a grey ground; what is not over yet stays white. Bars carry their numbers: nothing rests on colour alone.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

WIDTH, HEIGHT = 360.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 8.0, 22.0
LEAST = 1.0
"""A scale reaches to it at least."""
LINES = 4
"""Horizontal lines over the base at most."""
ROW, BAR = 24.0, 18.0
WIDE, FIGURE = 12.0, 6.5
"""Width of a Chinese character and of a letter or figure, in bold."""
LATIN = 0x2E7F
"""The last code point before those of Chinese."""
Value = tuple[float, float, float]
"""Lowest, mean, highest."""


@dataclass(frozen=True)
class Course:
    """An index by day; None is no value. `over` days have passed; `ticks` name some of them by their number."""

    title: str
    values: Sequence[Value | None]
    over: int
    ticks: Sequence[tuple[int, str]]
    none: str
    """What is said when there is no value at all."""


@dataclass(frozen=True)
class Bars:
    """Stacked bars: of each its name and the pieces as (number, class); `legend` names the classes."""

    title: str
    rows: Sequence[tuple[str, Sequence[tuple[int, str]]]]
    ident: str
    legend: Sequence[tuple[str, str]] = ()


def course(chart: Course) -> Markup:
    """Return the chart of an index."""
    known = [value[2] for value in chart.values if value]
    if not known:
        return _svg(chart.title, HEIGHT, [_text(WIDTH / 2, HEIGHT / 2, chart.none, "none middle")])
    highest = max(LEAST, *known)
    step = step_of(highest)
    frame = _Frame(len(chart.values), step * math.ceil(highest / step))
    parts = [*_gaps(chart, frame), *_scale(frame, step), *_ticks(chart, frame), *_runs(chart, frame)]
    return _svg(chart.title, HEIGHT, parts)


def bars(chart: Bars) -> Markup:
    """Return stacked bars; the longest fills the width."""
    most = max((sum(number for number, _ in pieces) for _, pieces in chart.rows), default=0)
    left = max((_width(name) for name, _ in chart.rows), default=0.0) + 8
    parts = [_hatches(chart.ident)]
    for place, (name, pieces) in enumerate(chart.rows):
        y = place * ROW + (ROW - BAR) / 2
        parts.append(_text(left - 6, y + BAR - 5, name, "end"))
        parts += _bar(pieces, left, y, (WIDTH - left - RIGHT) / most if most else 0.0, chart.ident)
    parts += _legend(chart.legend, left, len(chart.rows) * ROW)
    return _svg(chart.title, (len(chart.rows) + bool(chart.legend)) * ROW or ROW, parts)


def _width(text: str) -> float:
    """Return about how wide a text is: a browser's own font is not known here."""
    return sum(WIDE if ord(each) > LATIN else FIGURE for each in text)


@dataclass(frozen=True)
class _Frame:
    """How a day and a value come onto the paper; a day is as wide as a column."""

    days: int
    top: float

    @property
    def column(self) -> float:
        return (WIDTH - LEFT - RIGHT) / self.days

    def x(self, day: float) -> float:
        return LEFT + self.column * (day + 0.5)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(0.0, value) / self.top


def step_of(highest: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that needs few lines."""
    size = 10.0 ** math.floor(math.log10(highest / LINES))
    return next(size * times for times in (1, 2, 5, 10, 20) if highest / (size * times) <= LINES)


def _gaps(chart: Course, frame: _Frame) -> Iterator[Markup]:
    for first, values in _grouped(chart.values[: chart.over]):
        if values[0] is None:
            yield Markup('<rect class="gap" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                frame.x(first - 0.5), TOP, frame.column * len(values), HEIGHT - TOP - BOTTOM
            )


def _grouped(values: Sequence[Value | None]) -> Iterator[tuple[int, list[Value | None]]]:
    """Part a series into runs with and without values; with the number of the first day of each."""
    first = 0
    for _, run in groupby(values, lambda value: value is None):
        found = list(run)
        yield first, found
        first += len(found)


def _scale(frame: _Frame, step: float) -> Iterator[Markup]:
    for number in range(round(frame.top / step) + 1):
        y = frame.y(number * step)
        yield _line(LEFT, y, WIDTH - RIGHT, y, "grid")
        yield _text(LEFT - 4, y + 4, f"{number * step:g}", "end")


def _ticks(chart: Course, frame: _Frame) -> Iterator[Markup]:
    for day, name in chart.ticks:
        x = frame.x(day - 0.5)
        yield _line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4, "tick")
        yield _text(x + 1, HEIGHT - 6, name, "")


def _runs(chart: Course, frame: _Frame) -> Iterator[Markup]:
    """Draw a band and a line for every run of days with values; a day between two gaps is a bar with a dot."""
    for first, run in _grouped(chart.values):
        days = [(frame.x(first + n), value) for n, value in enumerate(run) if value is not None]
        if len(days) == 1:
            x, (low, mean, high) = days[0]
            yield _line(x, frame.y(low), x, frame.y(high), "bar")
            yield Markup('<circle class="past" cx="{:.1f}" cy="{:.1f}" r="2"/>').format(x, frame.y(mean))
        elif days:
            edge = [(x, value[2]) for x, value in days] + [(x, value[0]) for x, value in reversed(days)]
            yield Markup('<polygon class="band" points="{}"/>').format(_points(edge, frame))
            yield Markup('<polyline class="past" points="{}"/>').format(
                _points([(x, value[1]) for x, value in days], frame)
            )


def _points(places: Sequence[tuple[float, float]], frame: _Frame) -> str:
    return " ".join(f"{x:.1f},{frame.y(value):.1f}" for x, value in places)


def _hatches(ident: str) -> Markup:
    """Return the hatches of grade 5 and of "no data": laid over their plain colour."""
    return Markup(
        '<defs><pattern id="{0}-g5" class="hatch g5" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 6L6 0"/></pattern>'
        '<pattern id="{0}-g0" class="hatch g0" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 0L6 6"/></pattern></defs>'
    ).format(ident)


def _bar(pieces: Sequence[tuple[int, str]], x: float, y: float, unit: float, ident: str) -> Iterator[Markup]:
    """Draw a bar; a piece too narrow for its number goes without."""
    for number, kind in pieces:
        if number:
            box = Markup('x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.0f}"').format(x, y, number * unit, BAR)
            yield Markup('<rect class="{}" {}/>').format(kind, box)
            if kind in {"g0", "g5"}:
                yield Markup('<rect class="over" fill="url(#{}-{})" {}/>').format(ident, kind, box)
            if number * unit > _width(str(number)):
                yield _text(x + number * unit / 2, y + BAR - 5, str(number), f"middle on-{kind}")
        x += number * unit


def _legend(kinds: Sequence[tuple[str, str]], x: float, y: float) -> Iterator[Markup]:
    for kind, word in kinds:
        yield Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="10" height="10"/>').format(kind, x, y + 6)
        yield _text(x + 14, y + 15, word, "")
        x += _width(word) + 24


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, text)


def _svg(title: str, height: float, parts: Sequence[Markup]) -> Markup:
    body = Markup("").join(parts)
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}"'
        ' height="{1:.0f}" role="img" aria-label="{2}"><title>{2}</title>{3}</svg>'
    ).format(WIDTH, height, title, body)
