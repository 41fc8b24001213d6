"""The question of what was used, and a portion of the answer."""

from __future__ import annotations

import msgspec
import pytest

from rota.store.contract import USAGE_KEYS
from rota.wire import api


@pytest.mark.parametrize("word", USAGE_KEYS)
def test_every_key_of_the_store_can_be_asked_for(word: str) -> None:
    """And nothing else."""
    assert msgspec.convert({"by": [word]}, api.UsageQuery).by == [word]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"by": [f"{word}s"]}, api.UsageQuery)


def test_who_says_nothing_asks_for_users() -> None:
    """Each question has a list of its own."""
    first, second = api.UsageQuery(), api.UsageQuery()
    assert first.by == ["user"] and first.by is not second.by
