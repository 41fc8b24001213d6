"""The timeline over HTTP (its shapes: rota.wire.api.overview).

What stands in it is tests/engine/test_timeline.py's.
"""

from __future__ import annotations

from tests.server.running import Node, Server


def test_what_runs_and_what_comes(server: Server) -> None:
    """With names, users and instants."""
    node = Node(server, cores=2)
    server.submit(name="now", cores=2, time="1h")
    node.starts(node.runs(1)[0])
    server.submit(name="then", cores=1, time="2h")
    told = server.good("GET", "/timeline")
    assert told["schema"] == "rota.timeline/1"
    (running,), (coming,) = told["running"], told["coming"]
    assert (running["id"], running["nodes"][0]["cores"]) == (1, 2)
    assert (coming["id"], coming["lasts"]) == (2, 7200.0)
    assert running["ends_by"] <= coming["starts_by"]
    node.close()
