"""Reading scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed
from rota.core.resources import Mode
from rota.sim.scenario import expand, read_scenario

GOOD = """
name: g
cluster: {nodes: [{names: "n[1-3]", cores: 4, mem_gb: 8}]}
jobs:
  - {id: A, t: 1, user: u, nodes: 2, cores_per_node: 3, mem_gb_per_core: 1, run: 2,
     limit: 3}
  - {id: B, t: 1.5, user: u, cores: 5, run: 2, limit: 3, array: 2}
"""


def test_seconds_become_milliseconds_and_nodes_are_expanded(tmp_path: Path) -> None:
    """And memory for each core becomes memory of the job."""
    path = tmp_path / "good.yaml"
    path.write_text(GOOD)
    scenario = read_scenario(path)
    assert [node.name for node in scenario.nodes] == ["n1", "n2", "n3"]
    first, second = scenario.jobs
    assert (first.since, first.run_ms, first.request.time_ms) == (1000, 2000, 3000)
    assert first.request.memory == 6 << 30
    assert (second.since, second.request.mode) == (1500, Mode.BY_CORE)
    assert [second.task_id(0), first.task_id(0)] == ["B.0", "A"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("limit: 3}", "limt: 3}"), "did you mean limit?"),
        (GOOD.replace("name: g", ""), "key name is missing"),
        (GOOD.replace("run: 2, ", ""), "key run is missing"),
        (GOOD + "policy: {order: best}", "order 'best' is none of"),
        (GOOD + "events: [{t: 1, kind: down, node: n9}]", "no node n9"),
        (GOOD + "events: [{t: 1, kind: melt, node: n1}]", "'melt' is none of"),
        (GOOD + "policy: {victim_order: me}", "victim_order"),
        ("[1, 2]", "a scenario is a mapping"),
        ("a: [", "expected"),
        ("jobs: &a [*a]", "unhashable"),
    ],
)
def test_what_is_wrong_is_said(wrong: str, said: str, tmp_path: Path) -> None:
    """By its key and its value."""
    path = tmp_path / "wrong.yaml"
    path.write_text(wrong)
    with pytest.raises(Malformed) as caught:
        read_scenario(path)
    assert said in str(caught.value)


def test_names_are_expanded() -> None:
    """n[9-11] are three nodes."""
    assert expand("n[9-11]x") == ["n9x", "n10x", "n11x"]
    assert expand("n1") == ["n1"]
