"""Kinds of values in messages: each says what it must be, and sees when it is not."""

from __future__ import annotations

import pytest

from rota.wire import kinds


@pytest.mark.parametrize(
    "kind", [value for value in vars(kinds).values() if isinstance(value, kinds.Kind)]
)
def test_no_kind_takes_anything_whatever(kind: kinds.Kind) -> None:
    """A kind that holds for all of these sees nothing; and none of them raises."""
    strange = [None, True, -1, 1.5, float("nan"), 1 << 70, "", "x", [], [1], {}, {"a": 1}]
    held = [value for value in strange if kind.holds(value)]
    assert len(held) < len(strange)
    assert kind.says
