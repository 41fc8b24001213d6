"""What is typed to a running job, passed on by the server; the test plays the agent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rota.wire import stages
from tests.server.running import Node, Server

KEYS = {"b64": "bHMK", "rows": 30, "columns": 90}


def test_what_is_typed_goes_to_the_node_and_back_comes_its_word(server: Server) -> None:
    """An answer says that the node has it."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(server.call, "POST", f"/jobs/{job}/input", KEYS)
        heard = node.hear("input")
        assert {key: heard[key] for key in KEYS} == KEYS
        assert (heard["a"], heard["eof"]) == (a, False)
        node.say(stages.staged(heard["id"], bytes=3))
        status, answer = told.result(20)[:2]
        assert (status, answer["bytes"]) == (200, 3)

        told = pool.submit(server.call, "POST", f"/jobs/{job}/input", KEYS)
        node.say(stages.staged(node.hear("input")["id"], error="it does not read"))
        status, answer = told.result(20)[:2]
        assert (status, "does not read" in answer["error"]) == (409, True)
    node.close()


def test_what_cannot_be_typed_is_refused(server: Server) -> None:
    """A job that does not run; what is no base64; a screen of no size."""
    job = server.submit(held=True)
    path = f"/jobs/{job}/input"

    assert server.call("POST", path, KEYS)[0] in (404, 409)
    assert server.call("POST", path, {"b64": "abc"})[0] == 400
    assert server.call("POST", path, {"b64": "?"})[0] == 400
    assert server.call("POST", path, {"rows": 0})[0] == 400
