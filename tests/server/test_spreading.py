"""The door of rota spread: what it says that makes no sense."""

from __future__ import annotations

import json

import pytest

from rota.core.errors import Malformed
from rota.server.spreading import _read
from rota.wire import steps


def test_only_what_keeps_to_the_rows_is_read() -> None:
    """Unknown types are of a newer release, and let be."""
    wish = [steps.signal("INT"), {"t": "of a later release"}]
    assert _read(json.dumps(wish)) == [steps.signal("INT")]


@pytest.mark.parametrize("text", ["{", '{"t": "begin"}', '[{"t": "begin", "ranks": 3}]'])
def test_the_rest_is_refused(text: str) -> None:
    """With a word on what is wrong."""
    with pytest.raises(Malformed):
        _read(text)
