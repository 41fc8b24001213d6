"""Do figures say truly which target they reach, and can they be read again?"""

import json
from pathlib import Path

import plot
import pytest
from figure import Figure, Value, percentile, show, table

LESS = {"first": 3.0, "goal": 1.5}
MORE = {"first": 0.35, "goal": 0.7, "more": True}


@pytest.mark.parametrize(
    ("value", "targets", "verdict"),
    [
        (1.5, LESS, "goal"),
        (1.51, LESS, "first"),
        (3.0, LESS, "first"),
        (3.1, LESS, "none"),
        (0.7, MORE, "goal"),
        (0.36, MORE, "first"),
        (0.34, MORE, "none"),
        (1.0, {}, ""),
        (1.0, {"first": 2.0}, "first"),
    ],
)
def test_the_verdict_is_the_best_target_reached(
    value: float, targets: dict, verdict: str
) -> None:
    """A bound that is just met is met."""
    assert Value("x", value, **targets).verdict == verdict


@pytest.mark.parametrize(("part", "expected"), [(50, 50), (95, 95), (100, 100), (1, 1)])
def test_percentiles_are_those_of_the_nearest_rank(part: float, expected: int) -> None:
    """Of 1 … 100 the p-th percentile is p, in whatever order they came."""
    assert percentile(range(100, 0, -1), part) == expected


@pytest.mark.parametrize(
    ("number", "shown"), [(1234567, "1 234 567"), (3.14159, "3.14"), (0.0123, "0.0123")]
)
def test_numbers_show_three_digits_that_count(number: float, shown: str) -> None:
    """Nobody needs the fourth."""
    assert show(number) == shown


def test_the_table_has_a_row_for_each_value() -> None:
    """Figure and value, targets as bounds, the verdict."""
    text = table([Figure("speed", [Value("ratio", 2.0, "×", **LESS), Value("rate", 9.0)])])

    head, ratio, rate = text.splitlines()
    assert head.split() == ["figure", "value", "first", "goal", "reached"]
    assert ratio.split() == ["speed:", "ratio", "2", "×", "≤", "3", "≤", "1.5", "first"]
    assert rate.split() == ["speed:", "rate", "9"]


def test_a_history_can_be_drawn(tmp_path: Path) -> None:
    """What run.py writes, plot.py reads; values without a target are left out."""
    figure = Figure("speed", [Value("ratio", 2.0, "×", **LESS), Value("rate", 9.0)])
    history = tmp_path / "history.jsonl"
    history.write_text(f"{figure.line()}\n{figure.line()}\n")

    found = plot.read(history)
    plot.draw(found, tmp_path / "history.png")

    assert {name: list(values) for name, values in found.items()} == {"speed": ["ratio"]}
    assert len(found["speed"]["ratio"]) == 2
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(figure.line())["values"][0]["reached"] == "first"
