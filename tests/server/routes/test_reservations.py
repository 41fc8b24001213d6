"""Reservations over the API: set, listed, given up, there after a restart."""

from __future__ import annotations

from tests.server.running import Node, Server, until


def test_set_listed_and_given_up(server: Server) -> None:
    """A view says which nodes it has now, who runs in it, who set it."""
    node = Node(server, cores=2)
    until(lambda: server.good("GET", "/nodes")["nodes"])
    me = server.good("GET", "")["user"]
    body = {"name": "course", "count": 1, "users": [me], "duration": "1h"}
    told = server.good("POST", "/reservations/add", body)
    assert (told["schema"], told["beyond"]) == ("rota.reservation/1", [])
    job = server.submit(reservation="course", time="5m")
    node.runs(1)
    server.stop(9)
    server.start()
    [shown] = server.good("GET", "/reservations")["reservations"]
    assert (shown["state"], shown["source"], shown["set_by"]) == ("on", "live", me)
    assert (shown["now"], shown["running"]) == (["n1"], [str(job)])
    told = server.good("POST", "/reservations/remove", {"name": "course"})
    assert told["reservation"]["removed_by"] == me
    assert server.good("GET", "/reservations")["reservations"][0]["state"] == "removed"


def test_what_is_wrong_is_named(shared: Server) -> None:
    """By its field, as everywhere."""
    body = {"name": "x", "users": ["ann"], "nodes": ["nowhere"], "duration": "1h"}
    status, answer = shared.call("POST", "/reservations/add", body)
    assert (status, answer["complaints"][0]["field"]) == (400, "nodes")
    status, answer = shared.call("POST", "/reservations/remove", {"name": "x"})
    assert status == 404 and "reservations are none" in answer["error"]
