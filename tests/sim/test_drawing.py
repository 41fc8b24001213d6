"""Pictures as text."""

from __future__ import annotations

from xml.etree import ElementTree

from rota.sim.drawing import Axes, Bars, Scale, Series, bars, lines


def test_a_scale_goes_from_end_to_end_with_round_ticks() -> None:
    """Plain, and in powers of ten."""
    plain = Scale(0, 230, log=False, span=(10, 110))
    assert (plain(0), plain(230), plain(115)) == (10, 110, 60)
    assert plain.ticks() == [0, 50, 100, 150, 200]
    decades = Scale(1, 1000, log=True, span=(0, 300))
    assert (decades(1), decades(10), decades(1000)) == (0, 100, 300)
    assert decades.ticks() == [1, 10, 100, 1000]


def test_lines_are_drawn_where_their_points_are() -> None:
    """One for each series, named in the legend; names cannot break the page."""
    axes = Axes("x", "y")
    drawn = ElementTree.fromstring(lines([Series("a<b", [(0, 0), (1, 5)])], axes))
    (line,) = drawn.iter("polyline")
    first, last = (point.split(",") for point in line.attrib["points"].split())
    assert float(first[0]) < float(last[0]) and float(first[1]) > float(last[1])
    assert "a<b" in "".join(drawn.itertext())


def test_bars_stand_side_by_side_and_gaps_stay_empty() -> None:
    """The higher the value, the higher the bar."""
    groups = [Bars("a", [1.0, None]), Bars("b", [2.0, 4.0])]
    drawn = ElementTree.fromstring(bars(["p", "q"], groups, Axes("x", "y")))
    heights = [float(bar.attrib["height"]) for bar in drawn.iter("rect")]
    assert len(heights) == 3 and heights == sorted(heights)
    places = [float(bar.attrib["x"]) for bar in drawn.iter("rect")]
    assert places == sorted(set(places))
