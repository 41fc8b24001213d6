"""A probe of one's own: it prints one number."""

from __future__ import annotations

import pytest

from rota.core.licences import Reading
from rota.formats.licences import number


@pytest.mark.parametrize(
    ("text", "gives", "found"),
    [
        (" 7\n", "free", Reading(free=7)),
        ("43", "used", Reading(used=43)),
        ("50.0", "total", Reading(total=50)),
        ("-3", "free", Reading(free=-3)),
        ("7 free", "free", Reading(error="printed '7 free', not a number")),
        ("", "used", Reading(error="printed '', not a number")),
    ],
)
def test_one_number_and_nothing_else(text: str, gives: str, found: Reading) -> None:
    """What it counts is said by ``gives``; a number that cannot be is judged later."""
    assert number.read(text, gives=gives) == found
