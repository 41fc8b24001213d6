"""Requests and modes as values."""

from __future__ import annotations

import pytest

from rota.core.resources import Mode, Request


def test_equal_requests_are_one_shape() -> None:
    """A request is a key: equal ones fall together, others do not."""
    shapes = {Request(cores=2): 1, Request(cores=2, memory=1): 2}

    assert shapes[Request(cores=2)] == 1
    assert Request(cores=2, memory=1) in shapes and Request() not in shapes


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_prints_as_its_word(mode: Mode) -> None:
    """As it stands in job files and in JSON."""
    assert str(mode) == mode.value == f"{mode}"
    assert Mode(mode.value) is mode
