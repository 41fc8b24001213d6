"""Agents at the door: a real server, and nodes that speak the protocol from the test."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.running import Node, Server, finished, now_ms, until


def test_a_task_goes_from_submit_to_done(server: Server) -> None:
    """The whole path once: placed, told, started, ended, settled, forgotten."""
    node = Node(server)
    assert node.hear("welcome")["lease_ms"] > 0
    job = server.submit(argv=["true"])
    (a,) = node.runs(1)
    assert a == [job, 0, 1]
    node.starts(a)
    assert server.until(job, "running")["nodes"] == [
        {"host": "n1", "cores": [0], "gpus": []}
    ]
    node.ends(a, code=0)
    view = server.until(job, "done")
    assert view["attempts"][0]["usage"]["cpu_s"] == 0.01
    assert node.hear("forget")["as"] == [a]


@pytest.mark.parametrize("token", ["wrong", ""])
def test_an_unknown_token_opens_nothing(server: Server, token: str) -> None:
    """Not even a WebSocket."""
    with pytest.raises(InvalidStatus) as refused:
        Node(server, token=token or "-")
    assert refused.value.response.status_code == 401


def test_the_users_token_is_not_an_agents(server: Server) -> None:
    """A door for each."""
    token = (server.home / "token").read_text().strip()
    with pytest.raises(InvalidStatus) as refused:
        Node(server, token=token)
    assert refused.value.response.status_code == 403


def test_agents_come_over_tcp_too(server: Server) -> None:
    """With the same token."""
    url = server.facts()["tcp"].replace("http", "ws") + "/api/v1/agent"
    Node(server, url=url).hear("welcome")
    until(lambda: server.good("GET", "/nodes")["nodes"])


def test_who_does_not_say_hello_is_refused_with_a_reason(server: Server) -> None:
    """A sentence for the operator of that agent, then the line is cut."""
    node = Node(server, v=0)
    assert "version 0" in node.hear("refused")["reason"]["text"]
    with pytest.raises(ConnectionClosed):
        node.socket.recv(5)


def test_a_frame_that_is_none_ends_the_connection(server: Server) -> None:
    """Whoever sends it does not speak our protocol."""
    node = Node(server)
    node.hear("welcome")
    node.socket.send("{not json")
    assert "not a frame" in node.hear("refused")["reason"]["text"]


def test_a_bad_message_does_not_take_its_frame_along(server: Server) -> None:
    """Its neighbours count; it is logged, and unknown types are let be."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.say({"t": "finished", "a": "x"}, {"t": "of a later release"}, finished(a))
    server.until(job, "done")
    assert "sent what makes no sense" in server.log()


def test_a_newer_connection_replaces_the_older(server: Server) -> None:
    """One line for each node: the older is told and cut, reports on it count no more."""
    old = Node(server)
    job = server.submit()
    (a,) = old.runs(1)
    new = Node(server, holds=[[*a, "running", now_ms()]])
    new.hear("welcome")
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            old.socket.recv(5)
    assert "replaced" in str(closed.value)
    new.ends(a)
    server.until(job, "done")


def test_an_order_for_an_older_connection_is_not_sent_on_the_new_one(
    server: Server,
) -> None:
    """What the node did not get is given again under the next number, and only so."""
    old = Node(server)
    job = server.submit()
    assert old.runs(1) == [[job, 0, 1]]
    old.close()
    new = Node(server, holds=[])
    assert new.runs(1) == [[job, 0, 2]]


def test_beats_are_answered(server: Server) -> None:
    """Each answer renews the leases of the node; load and free memory are shown."""
    node = Node(server)
    node.hear("welcome")
    until(lambda: server.good("GET", "/nodes")["nodes"])
    node.say({"t": "beat", "at": now_ms(), "load": 0.5, "memory_free": 7, "disk_free": 9})
    node.hear("beat")
    (shown,) = server.good("GET", "/nodes")["nodes"]
    assert (shown["load"], shown["memory_free"], shown["disk_free"]) == (0.5, 7, 9)


def test_a_node_that_hangs_up_is_unreachable_and_its_job_only_flagged(
    server: Server,
) -> None:
    """Jobs belong to their node, not to our line to it."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    node.close()
    view = until(lambda: (v := server.job(job))["flags"] and v)
    assert (view["state"], view["flags"]) == ("running", ["unreachable"])
    assert server.good("GET", "/nodes")["nodes"][0]["state"] == "unreachable"


def test_an_unwell_node_takes_nothing_until_it_is_well(server: Server) -> None:
    """Its own check decides, with a reason that users see."""
    sick = {"code": "unhealthy", "text": "its own check failed: disk full"}
    node = Node(server, trouble=sick)
    until(lambda: server.good("GET", "/nodes")["nodes"])
    job = server.submit()
    assert server.job(job)["state"] == "queued"
    assert server.good("GET", "/nodes")["nodes"][0]["state"] == "unhealthy"
    node.say({"t": "health", "trouble": None})
    assert node.runs(1) == [[job, 0, 1]]


def test_an_array_sends_its_spec_once(server: Server) -> None:
    """The second strip of the same job on the same connection leaves it out."""
    node = Node(server, cores=1)
    server.submit(array="0-1", command="echo {task}")
    first = node.hear("run")
    assert first["spec"]["command"] == "echo {task}"
    node.ends([first["job"], 0, 1])
    second = node.hear("run")
    assert "spec" not in second
    assert second["spec_version"] == first["spec_version"]


def test_values_of_vectors_travel_with_their_task(server: Server) -> None:
    """Each task gets its own, by name."""
    node = Node(server, cores=1)
    server.submit(command="echo {item}", items=["a", "b"])
    assert node.hear("run")["tasks"][0][2] == {"item": "a"}


def test_progress_and_samples_are_shown_and_gone_with_the_attempt(server: Server) -> None:
    """They are true only while it runs; measurements are kept in the series."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    sample = [*a, now_ms(), 1500, 2048, 5, 6, 3]
    node.say(
        {"t": "progress", "a": a, "done": 3, "total": 10, "text": "3 / 10"},
        {"t": "samples", "rows": [sample]},
    )
    view = until(lambda: (v := server.job(job))["progress"] and v)
    assert view["progress"]["percent"] == 30
    assert (view["usage"]["cpu_s"], view["usage"]["procs"]) == (1.5, 3)
    node.ends(a)
    view = server.until(job, "done")
    assert view["progress"] is None
    assert view["usage"] == {"cpu_s": 0.01, "max_rss": 1 << 20}
    series = until(lambda: server.good("GET", f"/jobs/{job}/series")["samples"])
    assert series[0]["rss"] == 2048


def test_g08_beats_and_measurements_write_no_state(server: Server) -> None:
    """Neither of a job that waits, nor of one that runs, nor of one that is over."""
    node = Node(server, cores=1)
    over, runs, waits = (server.submit() for _ in range(3))
    (a,) = node.runs(1)
    node.starts(a)
    node.ends(a)
    server.until(over, "done")
    (b,) = node.runs(1)
    node.starts(b)
    server.until(runs, "running")
    jobs = (over, runs, waits)

    def known() -> list[object]:
        """Return what is known but for what measurements are for."""
        states = [[server.job(job)[key] for key in ("state", "reason")] for job in jobs]
        return [states, [server.good("GET", f"/jobs/{job}/history") for job in jobs]]

    before = known()
    for of in (a, b, [waits, 0, 1], [4711, 0, 1]):
        node.say(
            {"t": "beat", "at": now_ms(), "load": 0.5, "memory_free": 7, "disk_free": 9},
            {"t": "progress", "a": of, "done": 10, "total": 10, "text": "10 / 10"},
            {"t": "samples", "rows": [[*of, now_ms(), 1500, 2048, 5, 6, 3]]},
        )
        node.hear("beat")
    until(lambda: server.job(runs)["progress"])
    assert known() == before


def test_a_kill_reaches_the_node(server: Server) -> None:
    """With the grace asked for, and who asked."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    told = server.good("POST", "/jobs/kill", {"targets": [str(job)], "grace_ms": 250})
    assert told["jobs"] == [{"id": job, "task": None, "result": "killing", "tasks": None}]
    kill = node.hear("kill")
    assert (kill["a"], kill["grace_ms"], kill["reason"]["code"]) == (a, 250, "killed")


def test_how_wrong_a_nodes_clock_is_is_told(server: Server) -> None:
    """By its beats; nothing else comes of it (G21)."""
    node = Node(server)
    node.hear("welcome")
    node.say({"t": "beat", "at": now_ms() + 60_000})
    node.hear("beat")
    (row,) = server.good("GET", "/nodes")["nodes"]
    assert 50 < row["facts"]["clock_off_s"] < 70
    assert row["state"] == "up"


def test_g30_a_node_speaks_for_its_own_attempts_only(server: Server) -> None:
    """What it tells of another's is neither shown nor believed, and is in the log."""
    node = Node(server, cores=1)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    thief = Node(server, name="thief", cores=1)
    thief.hear("welcome")
    thief.say(
        {"t": "progress", "a": a, "done": 99, "total": 100, "text": "all mine"},
        {"t": "samples", "rows": [[*a, now_ms(), 1500, 1 << 40, 5, 6, 3]]},
        {"t": "phase", "a": a, "phase": "staging_out"},
        finished(a, 0),
        {"t": "beat", "at": now_ms()},
    )
    assert thief.hear("forget")["as"] == [a]
    thief.hear("beat")
    view = server.job(job)
    assert (view["state"], view["progress"], view["phase"]) == (
        "running",
        None,
        "executing",
    )
    assert view["usage"].get("max_rss", 0) < 1 << 40
    assert "node thief tells of attempt" in server.log()
    node.ends(a, code=3)
    assert server.until(job, "failed")["exit_code"] == 3


def test_g30_an_old_connection_can_not_report(server: Server) -> None:
    """Once the node came back, what its first connection says is not believed (G07)."""
    old = Node(server, cores=1)
    job = server.submit()
    (a,) = old.runs(1)
    new = Node(server, cores=1, holds=[[*a, "running", now_ms()]])
    new.hear("welcome")
    server.until(job, "running")
    with pytest.raises(ConnectionClosed):
        for _ in range(1000):
            old.ends(a, code=0)
            old.socket.recv(5)
    assert server.job(job)["state"] == "running"
    new.ends(a, code=4)
    assert server.until(job, "failed")["exit_code"] == 4
