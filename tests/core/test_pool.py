"""Names: of pools, of pilots in other systems, of the nodes that pilots bring."""

from __future__ import annotations

import pytest

from rota.core.pool import Marker, Pool, marker_of, node_names, pilot_of, pool_of


def test_a_marker_is_read_as_it_was_written() -> None:
    """The name of an allocation alone says whose it is."""
    marker = Marker("ab12", "big", 7)
    assert str(marker) == "rota-ab12-big-7"
    assert marker_of(str(marker)) == marker


@pytest.mark.parametrize("name", ["", "rota", "rota-ab12-big", "my-rota-ab12-big-7", "x"])
def test_other_peoples_names_are_no_markers(name: str) -> None:
    """A job of somebody else is never taken for a pilot."""
    assert marker_of(name) is None


@pytest.mark.parametrize("pool", [Pool("big", "slurm"), Pool("big", "slurm", nodes=2)])
def test_a_node_says_which_pilot_it_came_with(pool: Pool) -> None:
    """Whatever a pilot brings can be led back to it."""
    names = node_names(pool, 12)
    assert len(names) == pool.per_pilot
    assert {pilot_of(name) for name in names} == {("big", 12)}


def test_a_machine_of_flesh_and_blood_is_no_pilot() -> None:
    """Host names stay host names."""
    assert pilot_of("astro01") is None
    assert pilot_of("node-a") is None


def test_a_pool_is_made_of_what_was_said() -> None:
    """Keys are those of a file, attributes carry their unit."""
    said = {"kind": "slurm", "time": 60_000, "max": 3, "labels": ["fast"]}
    pool = pool_of("big", said)
    assert (pool.kind, pool.labels) == ("slurm", ("fast",))
    assert (pool.time_ms, pool.most) == (60_000, 3)
    assert pool.said == said
    assert pool.label == "pool:big"
