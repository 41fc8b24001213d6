"""What a scenario expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.sim.cluster import Cluster
from rota.sim.expect import judge
from rota.sim.scenario import read_scenario

SCENARIO = """
name: e
policy: {order: fcfs, backfill: easy}
cluster: {nodes: [{names: "n[1-2]", cores: 2}]}
jobs:
  - {id: A, t: 0, user: a, array: 2, nodes: 1, cores_per_node: 2, run: 10, limit: 10}
  - {id: B, t: 1, user: b, cores: 4, run: 20, limit: 15, priority: 3}
expect:
  - EXPECTED
"""

HOLDS = [
    "{start: A.*, at: 0}", "{end: B, from: 25, to: 25}", "{order: [A.0, B]}",
    "{same_start: [A.0, A.1]}", "{wait_max: {user: b}, s: 9}", "{all_done: true}",
    "{wait_mean_max: {all: true}, s: 3}", "{nodes_of: B, count: 2}", "{makespan_max: 25}",
    "{on_nodes: A.0, nodes: [n1]}", "{busy_min: 0.99, window: [0, 25]}",
    "{share: {user: b}, window: [0, 25], min: 0.6, max: 0.6}", "{attempts: A.*, count: 2}",
    "{state: B, is: timeout}", "{no_inversion: same_shape}",
]  # fmt: skip
FAILS = [
    "{start: A.*, at: 1}", "{end: B, to: 24}", "{order: [B, A.0]}",
    "{same_start: [A.0, B]}",
    "{wait_max: B, s: 8}", "{wait_mean_max: B, s: 8}", "{nodes_of: B, count: 1}",
    "{on_nodes: A.*, nodes: [n1]}", "{busy_min: 0.99, window: [0, 30]}",
    "{share: {user: b}, window: [0, 25], min: 0.7, max: 1}", "{makespan_max: 24}",
    "{attempts: A.*, min: 3}", "{state: B, is: done}",
]  # fmt: skip


def verdict(expected: str, where: Path) -> Any:
    path = where / "e.yaml"
    path.write_text(SCENARIO.replace("EXPECTED", expected))
    scenario = read_scenario(path)
    (answer,) = judge(scenario, Cluster(scenario).play())
    return answer


@pytest.mark.parametrize("expected", HOLDS)
def test_what_holds_holds(expected: str, tmp_path: Path) -> None:
    """A of two tasks runs at once, B afterwards on both nodes until its limit."""
    assert verdict(expected, tmp_path).holds


@pytest.mark.parametrize("expected", FAILS)
def test_what_does_not_hold_is_told(expected: str, tmp_path: Path) -> None:
    """An expectation that could not fail would be worth nothing."""
    assert not verdict(expected, tmp_path).holds


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("{strat: A, at: 0}", "none of start"),
        ("{start: C, at: 0}", "no job C"),
        ("{wait_max: B}", "lacks s"),
    ],
)
def test_an_expectation_nobody_knows_is_refused(
    expected: str, said: str, tmp_path: Path
) -> None:
    """It is not taken for one that holds."""
    with pytest.raises(Malformed, match=said):
        verdict(expected, tmp_path)
