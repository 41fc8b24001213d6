"""``rota drain`` and ``rota undrain``."""

from __future__ import annotations

from tests.faces.conftest import Rota


def test_closed_with_a_reason_and_opened_again(rota: Rota) -> None:
    """Everybody can read why."""
    assert rota("drain", "node1", "--why", "new disk").out == "node1 takes no new work\n"
    [line] = rota("nodes").lines[1:]
    assert "drained" in line
    assert line.endswith(": new disk")
    told = rota("undrain", "all", "--json").json
    assert (told["schema"], told["nodes"]) == ("rota.nodes_asked/1", ["node1"])
    assert rota("nodes").lines[1].split()[1] == "up"


def test_a_node_that_is_not_there(rota: Rota) -> None:
    """Refused, with those that are."""
    said = rota("drain", "nosuch")

    assert said.code == 2
    assert "node1" in said.err
