"""Places in a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.formats.spots import line_of, place, spot_at


@given(st.text(alphabet="ab\n"), st.text(alphabet="ab\n"))
def test_a_spot_finds_its_character(before: str, after: str) -> None:
    """Counted as editors count: lines and columns from 1."""
    line, column = map(int, spot_at(before + "X" + after, len(before)).split(":"))
    assert (before + "X" + after).split("\n")[line - 1][column - 1] == "X"


def test_what_is_not_known_is_left_out() -> None:
    """A file alone is a place, too."""
    assert (place("f", "3:5"), place("f", None)) == ("f:3:5", "f")
    assert (line_of("a:b:3:5"), line_of("a"), line_of("a:x:y")) == (3, 0, 0)
