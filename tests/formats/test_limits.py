"""The keys of a limit, read from the API."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.formats.limits import read_limit


def test_none_is_no_limit_and_sizes_are_bytes() -> None:
    """As in the operator's file."""
    said = {"cores": 4, "memory": "1GB", "jobs": "none", "licences": {"abaqus": 2}}
    read = read_limit(said, kind="user")
    assert read == {"cores": 4, "memory": 1 << 30, "jobs": None, "licences": {"abaqus": 2}}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"core": 1}, "core: unknown key; did you mean `cores`?"),
        ({"cores": -1}, "cores: is -1, it must be at least 0"),
        ({"cores": "many"}, "cores: must be a whole number"),
        ({"starts_per_minute": 3}, "only users start so many a minute"),
        ({}, "limits nothing"),
    ],
)
def test_what_is_wrong_is_told_by_key(said: dict[str, Any], told: str) -> None:
    """All of it at once."""
    with pytest.raises(Malformed) as caught:
        read_limit(said, kind="queue")
    assert told in str(caught.value)
