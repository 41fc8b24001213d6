"""``rota nodes``: what there is and what runs there."""

from __future__ import annotations

import pytest

from rota.client.http import Client
from rota.faces import nodes
from tests.faces.conftest import Rota


def test_a_node_and_what_runs_there(rota: Rota, client: Client) -> None:
    """Its cores as a bar, its jobs by number."""
    job = client.submit({"argv": ["sleep", "60"], "cwd": "/"})[0].id
    for event in client.watch(jobs=[job], since=0, level="task"):
        if event is not None and event.data["after"] == "running":
            break
    [line] = rota("nodes").lines[1:]
    client.kill(job)

    assert line.split()[:4] == ["node1", "up", "[*.]", "1/2"]
    assert f" {job}" in line


def test_a_wrong_name_gets_the_nearest(rota: Rota) -> None:
    """Did you mean."""
    said = rota("nodes", "nod1")

    assert (said.code, said.err) == (
        2,
        "rota: there is no node 'nod1'; did you mean node1?\n",
    )


def test_json(rota: Rota) -> None:
    """The frozen shape."""
    told = rota("nodes", "node1", "--json").json

    assert (told["schema"], told["nodes"][0]["name"]) == ("rota.nodes/1", "node1")


@pytest.mark.parametrize(
    ("off_s", "said"), [(0.2, ""), (-61.4, "its clock is 61 s slow"), (9, "9 s fast")]
)
def test_a_clock_that_is_wrong_is_told(off_s: float, said: str) -> None:
    """It decides nothing, but times that people read are wrong by as much."""
    assert said in nodes._clock({"facts": {"clock_off_s": off_s}})
    assert bool(nodes._clock({"facts": {"clock_off_s": off_s}})) == bool(said)
