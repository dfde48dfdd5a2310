"""The chart of a zone's days: lines break where there is no value, and nothing rests on colour alone."""

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from firewatch.web.chart_svg import HEIGHT, WIDTH, Chart, ChartWords, draw

BEGINS = (26.0, 51.0, 73.0, 91.0)
WORDS = ChartWords("Kangle <HTZ>", "today", "no data")


def chart(values: list[float | None], past: int) -> Chart:
    return Chart(values, past, BEGINS, [f"4-{day + 1:02d}" for day in range(len(values))])


def elements(svg: str, tag: str) -> list[ET.Element]:
    return [part for part in ET.fromstring(svg).iter() if part.tag == tag]  # noqa: S314 - our own


def test_a_gap_breaks_the_line() -> None:
    svg = draw(chart([10.0, 20.0, None, 30.0, 40.0, 50.0], 5), WORDS)
    lines = elements(svg, "polyline")
    assert [line.get("class") for line in lines] == ["past", "past", "ahead"]
    assert [len((line.get("points") or "").split()) for line in lines] == [2, 2, 2], "today joins both"
    dots = elements(svg, "circle")
    assert [dot.get("class") for dot in dots] == ["past"] * 4 + ["ahead"]
    assert [title.text for title in elements(svg, "title")][1:] == [
        "4-01 10.0",
        "4-02 20.0",
        "4-04 30.0",
        "4-05 40.0",
        "4-06 50.0",
    ]


def test_grades_are_named_where_they_begin() -> None:
    svg = draw(chart([10.0, 20.0], 1), WORDS)
    texts = [text.text for text in elements(svg, "text")]
    assert texts[:4] == ["2", "3", "4", "5"]
    assert "today" in texts
    assert "Kangle &lt;HTZ&gt;" in svg, "words are escaped"


def test_without_any_value_it_says_so() -> None:
    svg = draw(chart([None, None], 1), WORDS)
    assert [text.text for text in elements(svg, "text")] == ["no data"]
    assert not elements(svg, "polyline")


def test_only_days_ahead_or_only_past_ones_need_no_line_of_today() -> None:
    for past in (0, 3):
        svg = draw(chart([10.0, 20.0, 30.0], past), WORDS)
        assert not [line for line in elements(svg, "line") if line.get("class") == "now"]
        assert len(elements(svg, "polyline")) == 1


def test_a_single_day() -> None:
    assert len(elements(draw(chart([10.0], 1), WORDS), "circle")) == 1


@given(st.lists(st.none() | st.floats(-5, 500), min_size=1, max_size=40), st.integers(0, 40))
def test_everything_stays_on_the_paper_without_style(values: list[float | None], past: int) -> None:
    svg = str(draw(chart(values, min(past, len(values))), WORDS))
    for points in re.findall(r'points="([^"]*)"', svg):
        for pair in points.split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    assert "style" not in svg
    assert "nan" not in svg


def test_where_no_grade_begins_the_scale_has_numbers_and_levels_their_names() -> None:
    svg = draw(Chart([10.0, 38.0], 1, (), ["4-01", "4-02"], [("P60", 12.0), ("P97", 40.0)]), WORDS)
    texts = [text.text for text in elements(svg, "text")]
    assert texts[:8] == ["0", "10", "20", "30", "40", "P60", "P97", "4-01"]
    levels = [line for line in elements(svg, "line") if line.get("class") == "level"]
    grid = {line.get("y1") for line in elements(svg, "line") if line.get("class") == "grid"}
    assert len(levels) == 2
    assert levels[1].get("y1") in grid, "40 is where 40 is"


def test_days_at_nothing_are_drawn_at_the_foot() -> None:
    svg = draw(Chart([0.0, 0.0], 2, (), ["4-01", "4-02"]), WORDS)
    assert {dot.get("cy") for dot in elements(svg, "circle")} == {f"{HEIGHT - 22:.1f}"}
