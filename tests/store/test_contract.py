"""The contract is all there is to a store: users of one may lean on nothing else."""

from __future__ import annotations

import inspect

import pytest

from rota.store.contract import Store
from rota.store.sqlite import SqliteStore


@pytest.mark.parametrize("kind", [SqliteStore])
def test_a_store_has_all_of_the_contract(kind: type) -> None:
    """The same methods with the same parameters, and no others for users to lean on."""
    promised = dict(inspect.getmembers(Store, inspect.isfunction))
    offered = dict(inspect.getmembers(kind, inspect.isfunction))

    # How one comes to lead is each kind's own; the server's leader knows them.
    public = {name for name in (*promised, *offered) if not name.startswith("_")}
    for name in public - {"begin_epoch"}:
        assert inspect.signature(promised[name]) == inspect.signature(offered[name]), name
