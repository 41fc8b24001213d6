"""Places in a text, as complaints name them: "job.yaml:3:5" is line 3, column 5."""

from __future__ import annotations

Spot = str
"""Where in a text something stands: "line:column", both from 1."""


def place(where: str, spot: Spot | None) -> str:
    """Return "file:line:column", or what is known of it."""
    return f"{where}:{spot}" if spot else where


def spot_at(text: str, at: int) -> Spot:
    """Return where in *text* the character number *at*, from 0, stands."""
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def line_of(where: str) -> int:
    """Return the line of "file:line:column", 0 when it has none."""
    number = where.rpartition(":")[0].rpartition(":")[2]
    return int(number) if number.isdecimal() else 0
