"""The line that tells how far a move of files is."""

from __future__ import annotations

from rota.faces.moving import line


def test_the_line_says_how_much_of_what() -> None:
    """Nothing is all of nothing."""
    assert line("fetching", 1 << 20, total=4 << 20) == "fetching: 1 MiB of 4 MiB, 25 %"
    assert line("fetching", 0, total=0).endswith("100 %")
