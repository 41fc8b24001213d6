"""``rota stat``: how busy it is, as a picture."""

from __future__ import annotations

from typing import Any

from rota.faces.stat import page, state_text
from tests.faces.conftest import Rota


def node(**changes: Any) -> dict[str, Any]:
    """Return a node of four cores, two in use."""
    return {
        "name": "astro01", "state": "up", "cores": 4, "cores_used": 2, "memory": 32 << 30,
        "memory_used": 3 << 30, "reason": None, **changes,
    }  # fmt: skip


TOTAL = {
    "cores": 8, "cores_used": 2, "memory": 64 << 30, "memory_used": 3 << 30, "gpus": 2,
    "gpus_used": 1, "counts": {"running": 2, "queued": 30},
    "users": [{"name": "ada", "cores_used": 2, "counts": {"running": 2, "queued": 30}}],
}  # fmt: skip


def test_the_page() -> None:
    """A bar for each node, the totals, who has how much."""
    drained = node(
        name="astro02", state="drained", cores_used=0, memory_used=0,
        reason={"code": "drained", "text": "drained by ada: new disk"},
    )  # fmt: skip

    assert page(TOTAL, [node(), drained]) == [
        "[**..]  astro01  2/4 cores  3 GiB of 32 GiB  up",
        "[....]  astro02  0/4 cores  0 B of 32 GiB    drained by ada: new disk",
        "",
        "2 of 8 cores in use, 3 GiB of 64 GiB promised, 1 of 2 gpus; 2 running, 30 queued",
        "",
        "USER  CORES  TASKS",
        "ada       2  2 running, 30 queued",
    ]


def test_labels_and_what_a_pilot_is_called_there() -> None:
    """As wq shows the groups of its hosts; a pilot by the number its system gave it."""
    pilot = {"pool": "big", "kind": "slurm", "n": 7, "id": "1234"}
    rows = [
        node(labels=["gen4", "gpu"]),
        node(name="big-7", labels=["pool:big"], pilot=pilot),
        node(name="big-8", pilot={**pilot, "id": None}),
    ]
    assert [line.split("32 GiB  ")[1] for line in page(TOTAL, rows)[:3]] == [
        "gen4, gpu                 up",
        "pool:big, slurm job 1234  up",
        "slurm job ?               up",
    ]


def test_nobody_is_there() -> None:
    """It says what to do."""
    nothing = {"cores": 0, "cores_used": 0, "memory": 0, "memory_used": 0, "gpus": 0}
    lines = page({**nothing, "gpus_used": 0, "counts": {}, "users": []}, [])

    assert lines[0] == "no node is connected; rota up starts one here"
    assert lines[-1] == "0 of 0 cores in use; no jobs waiting"


def test_a_reason_is_not_said_twice() -> None:
    """The state stands in it already, or before it."""
    assert state_text(node()) == "up"
    told = {"text": "no word from it"}
    assert (
        state_text(node(state="unreachable", reason=told)) == "unreachable: no word from it"
    )


def test_for_real(rota: Rota) -> None:
    """Two cores, and the shape for programs."""
    assert "node1" in rota("stat").lines[0]
    told = rota("stat", "--json").json
    assert (told["schema"], told["cores"], len(told["per_node"])) == ("rota.stat/1", 2, 1)
