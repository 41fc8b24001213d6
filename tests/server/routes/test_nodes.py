"""Nodes: drained by an administrator with a reason, opened again."""

from __future__ import annotations

from tests.server.running import Node, Server, until


def test_drain_and_undrain(server: Server) -> None:
    """Nothing new starts there; who did it and why is shown."""
    node = Node(server, labels=["gen4"], gpus=[0, 1], resources={"scratch_gb": 5})
    until(lambda: server.good("GET", "/nodes")["nodes"])
    told = server.good("POST", "/nodes/drain", {"nodes": ["n1"], "why": "new disk"})
    assert told == {"nodes": ["n1"]}
    job = server.submit()
    (shown,) = server.good("GET", "/nodes")["nodes"]
    assert (shown["state"], shown["labels"], shown["gpus"]) == ("drained", ["gen4"], 2)
    assert "new disk" in shown["reason"]["text"]
    assert server.job(job)["state"] == "queued"
    server.good("POST", "/nodes/undrain", {"nodes": ["n1"]})
    assert node.runs(1) == [[job, 0, 1]]


def test_drained_stays_drained_across_a_restart(server: Server) -> None:
    """It is remembered."""
    Node(server).hear("welcome")
    until(lambda: server.good("GET", "/nodes")["nodes"])
    server.good("POST", "/nodes/drain", {"nodes": ["n1"]})
    server.stop(9)
    server.start()
    Node(server)
    until(lambda: server.good("GET", "/nodes")["nodes"][0]["state"] == "drained")


def test_what_runs_there_is_shown(server: Server) -> None:
    """Cores and memory used, and by whom."""
    node = Node(server, cores=4)
    job = server.submit(cores=3, memory="1GB")
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    (shown,) = server.good("GET", "/nodes")["nodes"]
    assert (shown["cores_used"], shown["memory_used"]) == (3, 1 << 30)
    assert shown["running"][0]["id"] == job
    assert len(shown["running"][0]["cores"]) == 3
    stat = server.good("GET", "/stat")
    assert (stat["cores"], stat["cores_used"]) == (4, 3)
    assert stat["users"][0]["counts"] == {"running": 1}


def test_no_such_node(server: Server) -> None:
    """Names those there are."""
    status, told = server.call("POST", "/nodes/drain", {"nodes": ["n9"]})
    assert (status, "n9" in told["error"]) == (404, True)
