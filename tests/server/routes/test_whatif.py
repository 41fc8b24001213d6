"""What if: the past of a queue, replayed (rota.server.whatif)."""

from __future__ import annotations

from tests.server.running import Node, Server, until


def test_the_past_is_replayed_under_each_policy(server: Server) -> None:
    """With figures for each; with more nodes each once more."""
    node = Node(server, cores=2)
    job = server.submit(array="0-5")
    for _ in range(3):
        for a in node.runs(2):
            node.starts(a)
            node.ends(a)
    server.until(job, "done")
    body = {"policies": ["default", "easy"], "with_nodes": "+1x2"}
    runs = server.good("POST", "/what-if", body)["runs"]
    assert [run["procs"] for run in runs] == [2, 4, 2, 4]
    assert {run["jobs"] for run in runs} == {6}
    node.close()


def test_what_cannot_be_replayed_is_told_in_its_words(server: Server) -> None:
    """No past; no such policy; no words that are options."""
    status, told = server.call("POST", "/what-if", {"policies": ["default"]})
    assert status == 400 and "nothing to replay" in told["error"]
    node = Node(server)
    server.submit()
    a = node.runs(1)[0]
    node.starts(a)
    node.ends(a)
    until(lambda: server.job(1)["state"] == "done")
    status, told = server.call("POST", "/what-if", {"policies": ["nonsense"]})
    assert status == 400 and "nonsense" in told["error"]
    for wrong in ("--report", "a b", "/etc/passwd", ""):
        assert server.call("POST", "/what-if", {"policies": [wrong]})[0] == 400
    node.close()
