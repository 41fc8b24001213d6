"""Tables and bars, as pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.faces.tables import (
    Column,
    bar,
    counted,
    cut,
    pairs,
    span,
    sparkline,
    table,
    usage_bar,
)

COLUMNS = (Column("ID", right=True), Column("NAME", roomy=True), Column("STATE"))


def test_a_rare_column_is_there_when_something_is_in_it() -> None:
    """Its title goes with it."""
    columns = (Column("NODE"), Column("PILOT", rare=True), Column("WHY"))

    assert table(columns, [("n1", "", "full")]) == ["NODE  WHY", "n1    full"]
    assert table(columns, [("n1", "job 7", "")]) == ["NODE  PILOT  WHY", "n1    job 7"]


def test_a_table_is_as_wide_as_its_cells() -> None:
    """Numbers to the right, no space at the ends of lines."""
    rows = [("7", "fit", "done"), ("1234", "a longer name", "running")]

    assert table(COLUMNS, rows) == [
        "  ID  NAME           STATE",
        "   7  fit            done",
        "1234  a longer name  running",
    ]


def test_on_a_terminal_roomy_columns_are_cut() -> None:
    """The line fits; the others stay whole."""
    rows = [("1234", "a name much longer than there is room for", "running")]

    assert table(COLUMNS, rows, fit=26) == [
        "  ID  NAME         STATE",
        "1234  a name muc…  running",
    ]


def test_wide_characters_take_two_columns() -> None:
    """So that columns stand under each other in every language."""
    assert table((Column("A"), Column("B")), [("日本", "x"), ("ab", "y")]) == [
        "A     B",
        "日本  x",
        "ab    y",
    ]


def test_cells_are_made_harmless() -> None:
    """No caller can forget it."""
    assert table((Column("NAME"),), [("a\nb\x1b[2J",)])[1] == "a\\nb\\x1b[2J"


@pytest.mark.parametrize(
    ("used", "total", "shown"),
    [(0, 4, "[....]"), (2, 4, "[**..]"), (4, 4, "[****]"), (0, 0, "[]"),
     (1, 128, "[*" + "." * 63 + "]"), (128, 128, "[" + "*" * 64 + "]")],
)  # fmt: skip
def test_cores_are_drawn_as_wq_draws_them(used: int, total: int, shown: str) -> None:
    """A star for a used core, a dot for a free one; many to scale."""
    assert usage_bar(used, total) == shown


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_bar_is_never_wrong_about_empty_and_full(used: int, total: int) -> None:
    """A star says that something is used, a dot that something is free."""
    used = min(used, total)
    shown = usage_bar(used, total)

    assert ("*" in shown) == (used > 0)
    assert used < total or "." not in shown


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [(0, 10, "[..........]"), (4, 10, "[****......]"), (10, 10, "[**********]"),
     (3, 0, "[..........]"), (20, 10, "[**********]"), (999, 1000, "[*********.]")],
)  # fmt: skip
def test_progress_is_full_only_at_the_end(done: float, total: float, shown: str) -> None:
    """99.9 % is not all."""
    assert bar(done, total) == shown


def test_a_sparkline_keeps_its_peaks() -> None:
    """However many values there are."""
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    long = sparkline([0] * 500 + [9] + [0] * 499)
    assert len(long) == 32
    assert "█" in long


@given(st.text(max_size=30), st.integers(1, 20))
def test_what_is_cut_fits(text: str, size: int) -> None:
    """And what fits is not cut."""
    shown = cut(text, size)

    assert span(shown) <= size
    assert shown == text or span(text) > size


def test_pairs_leave_out_what_is_empty() -> None:
    """A page tells what there is to tell."""
    assert pairs([("state", "done"), ("key", ""), ("on", "a\nb")]) == [
        "state  done",
        "on     a\\nb",
    ]


def test_one_is_no_plural() -> None:
    """1 job, 2 jobs."""
    assert [counted(n, "job") for n in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
