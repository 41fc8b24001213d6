"""``GET /usage``: sums of what ended, in portions."""

from __future__ import annotations

from tests.server.running import Node, Server


def test_what_ended_is_added_up_in_portions(server: Server) -> None:
    """By the words that were asked for; the cursor goes on where it was."""
    node = Node(server, cores=2)
    job = server.submit(array="0-2", account="phys")
    for many in (2, 1):
        for a in node.runs(many):
            node.starts(a)
            node.ends(a)
    server.until(job, "done")
    seen, cursor = 0, ""
    while True:
        found = server.good("GET", f"/usage?by=account,ended&limit=2{cursor}")
        assert found["schema"] == "rota.usage/1"
        for group in found["groups"]:
            assert group["key"] == {"account": "phys", "ended": "done"}
            seen += group["sums"]["attempts"]
        if found["next"] is None:
            break
        cursor = f"&cursor={found['next']}"
    assert (seen, cursor) == (3, f"&cursor={job}.1.1")
    node.close()


def test_what_makes_no_sense_is_refused(shared: Server) -> None:
    """Each field is named."""
    for query, field in (
        ("by=shoe", "by"),
        ("until=soon", "until"),
        ("cursor=7", "cursor"),
    ):
        status, answer = shared.call("GET", f"/usage?{query}")
        assert (status, answer["complaints"][0]["field"]) == (400, field)
