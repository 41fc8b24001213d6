"""The machine of a replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed
from rota.sim.machine import Machine, read_machine


def test_a_cluster_file_names_nodes(tmp_path: Path) -> None:
    """Alone, or as the part of a scenario; the last row says how large another node is."""
    path = tmp_path / "c.yaml"
    path.write_text('nodes:\n- {names: "fat[1-2]", cores: 64}\n- {names: a, cores: 16}\n')
    assert read_machine(path) == Machine(144, 16)
    path.write_text('cluster: {nodes: [{names: "n[01-10]", cores: 4, mem_gb: 8}]}\n')
    assert read_machine(path) == Machine(40, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- n1", "a cluster file has `nodes`"),
        ("nodes: [{names: n1, core: 4}]", "did you mean cores?"),
        ("nodes: [{names: n1}]", "no mapping with names and cores"),
        ("nodes: [{names: n1, cores: 0}]", "nodes[0]: 0 are no cores"),
        ("nodes: {{", "c.yaml"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With what would be right."""
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(Malformed) as refused:
        read_machine(path)
    assert said in refused.value.sentence


def test_more_nodes_make_it_wider() -> None:
    """As large as the others, or as it is said."""
    assert Machine(100, 16).wider("+2").cores == 132
    assert Machine(100).wider("2x64").cores == 228
    with pytest.raises(Malformed, match="nobody said how many cores"):
        Machine(100).wider("+2")
    with pytest.raises(Malformed, match="no number of nodes"):
        Machine(100, 1).wider("two")
