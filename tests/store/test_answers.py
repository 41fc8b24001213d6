"""Answers are the same class for all stores; what they say is the contracts' suite."""

from __future__ import annotations

import pytest

from rota.store.answers import Answers
from rota.store.contract import Store
from rota.store.sqlite import SqliteStore


def test_both_stores_answer_alike() -> None:
    """No question is answered by a store of its own making."""
    from rota.store.postgres import PostgresStore

    asked = [name for name in vars(Answers) if not name.startswith("_")]
    for store in (SqliteStore, PostgresStore):
        assert not set(asked) & set(vars(store))
    assert set(asked) <= set(dir(Store))


def test_answers_need_a_place_to_read_from() -> None:
    """Where from is the one thing a store has to say."""
    with pytest.raises(TypeError, match="_reading"):
        Answers()  # type: ignore[abstract]
