"""What one may say of a pool, and what is wrong with it."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.core.pool import pool_of
from rota.formats.pools import KINDS, POOL_KEYS, merged_pool, read_pool
from rota.launch.kinds import KINDS as LAUNCHERS


def wrong(**said: object) -> str:
    """Return all that is wrong with *said*."""
    with pytest.raises(Malformed) as refused:
        read_pool(said)
    return str(refused.value)


def test_every_kind_has_a_launcher() -> None:
    """And the other way round, but for what is no batch system."""
    assert set(KINDS) <= set(LAUNCHERS)


def test_units_are_read_once() -> None:
    """Milliseconds and bytes from here on."""
    said = read_pool({"kind": "slurm", "time": "4h", "memory": "1GB", "labels": "fast"})
    pool = pool_of("big", said)
    assert (pool.time_ms, pool.memory, pool.labels) == (14_400_000, 1 << 30, ("fast",))


def test_every_key_becomes_an_attribute() -> None:
    """No key is taken and then forgotten."""
    values = {key: None for key in POOL_KEYS if key != "kind"}
    assert pool_of("big", {"kind": "slurm", **values}).kind == "slurm"


def test_what_is_wrong_is_told_with_its_cure() -> None:
    """The key, what is wrong, what to do."""
    assert "kind: is missing; say one of local, slurm" in wrong(cores=4)
    assert "unknown key; did you mean `partition`" in wrong(kind="slurm", partitoin="x")
    assert "nodes: gridengine starts a pilot on one node" in wrong(
        kind="gridengine", nodes=2
    )
    assert "min: 3 is more than max, which is 1; raise max" in wrong(kind="slurm", min=3)
    assert "commands: has no submit" in wrong(kind="command")


def test_a_change_keeps_the_rest() -> None:
    """null takes a key back; what does not go together is told."""
    old = read_pool({"kind": "slurm", "qos": "high", "max": 4})
    assert merged_pool(old, {"max": 5, "qos": None}) == {"kind": "slurm", "max": 5}
    with pytest.raises(Malformed, match="min: 5 is more than max"):
        merged_pool(old, {"min": 5})
