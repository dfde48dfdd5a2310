"""Charts of a summary: a gap is a gap, one day is a day, bars carry their numbers, and nothing is drawn of nothing."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from firewatch.web.summary_svg import HEIGHT, WIDTH, Bars, Course, Value, bars, course

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.floats(0, 1500, allow_nan=False)


def chart(*values: Value | None, over: int | None = None) -> Course:
    return Course("FWI <high>", values, len(values) if over is None else over, [(0, "10月"), (2, "11月")], "no values")


def parts(svg: str, tag: str, kind: str = "") -> list[ET.Element]:
    found = [each for each in ET.fromstring(svg).iter() if each.tag == SVG + tag]  # noqa: S314 - our own
    return [each for each in found if not kind or kind in (each.get("class") or "").split()]


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in parts(svg, "text")]


A, B = (1.0, 2.0, 3.0), (0.0, 5.0, 9.0)


def test_a_day_without_a_value_is_a_gap_and_no_zero() -> None:
    svg = course(chart(A, B, None, A, B, B))
    assert [len((line.get("points") or "").split()) for line in parts(svg, "polyline")] == [2, 3]
    assert [len((band.get("points") or "").split()) for band in parts(svg, "polygon", "band")] == [4, 6]
    (gap,) = parts(svg, "rect", "gap")
    line = (parts(svg, "polyline")[0].get("points") or "").split()[-1]
    assert float(gap.get("x") or 0) > float(line.split(",")[0])


def test_what_is_not_over_yet_is_no_gap() -> None:
    assert not parts(course(chart(A, B, None, None, over=2)), "rect", "gap")
    (gap,) = parts(course(chart(None, A, None, None, over=3)), "rect", "gap")[:1]
    assert gap.get("x") == "34.0"
    assert len(parts(course(chart(None, A, None, None, over=3)), "rect", "gap")) == 2


def test_a_day_between_two_gaps_is_seen() -> None:
    svg = course(chart(None, A, None))
    assert len(parts(svg, "circle")) == len(parts(svg, "line", "bar")) == 1
    assert not parts(svg, "polyline")


def test_without_a_value_that_is_said() -> None:
    svg = course(chart(None, None))
    assert texts(svg) == ["no values"]
    assert not parts(svg, "line")


def test_the_scale_has_round_numbers_and_the_days_their_names() -> None:
    assert texts(course(chart(A, (0, 40, 84.4), A)))[:3] == ["0", "50", "100"]
    assert texts(course(chart((0, 0, 0), (0, 0, 0), (0, 0, 0)))) == ["0", "0.5", "1", "10月", "11月"]
    assert {"10月", "11月"} <= set(texts(course(chart(A, B, A))))


@given(st.lists(st.none() | st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda each: tuple(sorted(each))), min_size=1))
def test_everything_lies_on_the_paper(values: list[Value | None]) -> None:
    svg = course(chart(*values))
    for shape in [*parts(svg, "polyline"), *parts(svg, "polygon")]:
        for place in (shape.get("points") or "").split():
            x, y = map(float, place.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    assert sum(each.tag == SVG + "text" for each in ET.fromstring(svg).iter()) < 12  # noqa: S314 - our own


def test_bars_are_as_long_as_their_numbers_and_carry_them() -> None:
    svg = bars(Bars("days", [("康乐县", [(20, "g5"), (10, "g0"), (0, "g1"), (1, "g2")]), ("Zone <2>", [])], "x"))
    wide = {kind: float(parts(svg, "rect", kind)[0].get("width") or 0) for kind in ("g5", "g0", "g2")}
    assert wide["g5"] == 2 * wide["g0"]
    assert not parts(svg, "rect", "g1")
    assert texts(svg) == ["康乐县", "20", "10", "1", "Zone <2>"]
    assert len(parts(svg, "rect", "over")) == 2, "5 and no data are hatched"
    narrow = bars(Bars("days", [("z", [(2000, "g5"), (1, "g2")])], "x"))
    assert texts(narrow) == ["z", "2000"], "a piece too narrow goes without"


def test_a_legend_names_the_colours() -> None:
    svg = bars(Bars("score", [("1", [(1, "hits")])], "x", [("hits", "准确"), ("further", "Further")]))
    assert texts(svg)[-2:] == ["准确", "Further"]
    assert bars(Bars("nothing", [], "x")).startswith("<svg")
