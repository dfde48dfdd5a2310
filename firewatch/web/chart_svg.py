"""A zone's index over the days, drawn by the server as one small SVG: no script, no inline style. Pure.

What was analysed is a solid line with dots, what is foreseen a dashed one with rings; a day without a value breaks the
line. Horizontal lines, each with its numeral, are where the grades begin: nothing rests on colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from firewatch.web.summary_svg import step_of

WIDTH, HEIGHT = 360.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 8.0, 22.0
HEADROOM = 1.08
DOT = 2.2


@dataclass(frozen=True)
class Chart:
    """A series by day, the oldest first. `values[:past]` were analysed, the others are foreseen; None is no value."""

    values: Sequence[float | None]
    past: int
    begins: Sequence[float]  # where grades 2, 3, 4 and 5 begin; empty: none do, and the scale has numbers
    days: Sequence[str]  # a short name of each day, as many as values
    levels: Sequence[tuple[str, float]] = ()  # further lines by name: percentiles of the days on record


@dataclass(frozen=True)
class ChartWords:
    """What the chart says, in the reader's language."""

    title: str
    today: str
    none: str


def draw(chart: Chart, words: ChartWords) -> Markup:
    """Return the picture. The last analysed day is joined to the first foreseen one by the dashed line."""
    known = [value for value in chart.values if value is not None]
    if not known:
        return _svg(words.title, [_text(WIDTH / 2, HEIGHT / 2, words.none, "none middle")])
    top = max(*known, *chart.begins, *(value for _, value in chart.levels), 0.0) or 1.0
    frame = _Frame(len(chart.values), HEADROOM * top)
    last = max(0, chart.past - 1)
    parts = [
        *(_thresholds(chart, frame) if chart.begins else _scale(frame, top)),
        *_levels(chart, frame),
        *_days(chart, frame, words),
        *_lines(chart.values[: chart.past], 0, frame, "past"),
        *_lines(chart.values[last:], last, frame, "ahead"),
        *_dots(chart, frame),
    ]
    return _svg(words.title, parts)


@dataclass(frozen=True)
class _Frame:
    """How a day and a value come onto the paper."""

    days: int
    top: float

    def x(self, day: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * day / max(1, self.days - 1)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(0.0, value) / self.top


def _thresholds(chart: Chart, frame: _Frame) -> list[Markup]:
    parts = []
    for grade, begins in enumerate(chart.begins, start=2):
        y = frame.y(begins)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, f"begins b{grade}"))
        parts.append(_text(LEFT - 4, y + 4, f"{grade}", "end"))
    return parts


def _scale(frame: _Frame, top: float) -> list[Markup]:
    """Draw lines at round numbers, where no grade begins anywhere."""
    step, parts = step_of(top), []
    for number in range(int(frame.top / step) + 1):
        y = frame.y(number * step)
        parts += [_line(LEFT, y, WIDTH - RIGHT, y, "grid"), _text(LEFT - 4, y + 4, f"{number * step:g}", "end")]
    return parts


def _levels(chart: Chart, frame: _Frame) -> list[Markup]:
    """Draw the further lines, each with its name above its end."""
    parts = []
    for name, value in chart.levels:
        parts.append(_line(LEFT, frame.y(value), WIDTH - RIGHT, frame.y(value), "level"))
        parts.append(_text(WIDTH - RIGHT, frame.y(value) - 2, name, "end"))
    return parts


def _days(chart: Chart, frame: _Frame, words: ChartWords) -> list[Markup]:
    """Draw the upright line between what was and what is to come, and name the ends."""
    parts = [_text(LEFT, HEIGHT - 6, chart.days[0], ""), _text(WIDTH - RIGHT, HEIGHT - 6, chart.days[-1], "end")]
    if 0 < chart.past < len(chart.values):
        x = frame.x(chart.past - 1)
        parts += [_line(x, TOP, x, HEIGHT - BOTTOM, "now"), _text(x, HEIGHT - 6, words.today, "middle")]
    return parts


def _lines(values: Sequence[float | None], first: int, frame: _Frame, kind: str) -> list[Markup]:
    """Draw a line for every run of days that have a value."""
    days = [(first + number, value) for number, value in enumerate(values)]
    runs = [list(run) for there, run in groupby(days, lambda day: day[1] is not None) if there]
    return [
        Markup('<polyline class="{}" points="{}"/>').format(
            kind, " ".join(f"{frame.x(day):.1f},{frame.y(value):.1f}" for day, value in run if value is not None)
        )
        for run in runs
        if len(run) > 1
    ]


def _dots(chart: Chart, frame: _Frame) -> list[Markup]:
    return [
        Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>').format(
            "past" if day < chart.past else "ahead",
            frame.x(day),
            frame.y(value),
            DOT,
            f"{chart.days[day]} {value:.1f}",
        )
        for day, value in enumerate(chart.values)
        if value is not None
    ]


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, text)


def _svg(title: str, parts: Sequence[Markup]) -> Markup:
    body = Markup("").join(parts)
    return Markup(
        '<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(WIDTH, HEIGHT, escape(title), title, body)
