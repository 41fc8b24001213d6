"""The hands of pools: real commands, real pilots of kind local, scripts and secrets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.running import Server, until


@pytest.fixture
def pool(server: Server) -> Iterator[Server]:
    """A pool of kind local, gone at the end with all its processes."""
    keys = {"kind": "local", "cores": 1, "max": 2, "poll": "200ms", "idle": "1h"}
    server.good("POST", "/pools/add", {"name": "here", "set": keys})
    yield server
    server.good("POST", "/pools/remove", {"name": "here"})
    until(lambda: not server.good("GET", "/pools")["pools"], timeout=60)


def test_pilots_come_run_what_waits_and_go(pool: Server) -> None:
    """From the script to the last process, with nothing faked."""
    job = pool.submit(pool="here", argv=["sh", "-c", "echo hello"])
    pool.until(job, "done")
    [shown] = pool.good("GET", "/pools")["pools"]
    [pilot] = [one for one in shown["pilots"] if one["state"] == "up"]
    assert pilot["nodes"] == [f"here-{pilot['n']}"]
    assert pilot["id"].isdigit()
    [node] = pool.good("GET", "/nodes")["nodes"]
    said = {"pool": "here", "kind": "local", "n": pilot["n"], "id": pilot["id"]}
    assert node["pilot"] == said
    [line, *_] = pool.good("GET", "/pools/log?name=here")["lines"]
    assert (line["what"], line["code"]) == ("submit", 0)
    pool.good("POST", "/pools/drain", {"name": "here"})
    until(lambda: pool.good("GET", "/pools")["pools"][0]["up"] == 0, timeout=30)
    until(lambda: not pool.good("GET", "/nodes")["nodes"], timeout=30)
    _, written, _ = pool.raw("GET", f"/api/v1/jobs/{job}/log")
    assert written == b"hello\n"


def test_a_system_that_is_not_there_is_told(server: Server) -> None:
    """The command, and what to do; the queue goes on."""
    keys = {
        "kind": "command", "cores": 1, "poll": "200ms",
        "commands": {"submit": "rota-no-such-thing", "poll": "true", "cancel": "true"},
    }  # fmt: skip
    server.good("POST", "/pools/add", {"name": "far", "set": keys})
    server.submit(pool="far")

    def told() -> str:
        reason = server.good("GET", "/pools")["pools"][0]["reason"]
        return str(reason["text"]) if reason else ""

    until(lambda: "rota-no-such-thing" in told())
    assert told().startswith("pool far backs off: `sh` is not there")
    server.good("POST", "/pools/remove", {"name": "far"})


def test_the_script_is_shown_without_its_secret(server: Server) -> None:
    """A dry run is for eyes; without an address that nodes can reach it says so."""
    said = {"name": "cloud", "set": {"kind": "local", "carry": True}}
    status, refused = server.call("POST", "/pools/script", said)
    assert status == 400
    assert "cannot reach unix:" in refused["error"]
    said["set"]["address"] = "https://me:8400"  # type: ignore[index]
    script = server.good("POST", "/pools/script", said)["script"]
    assert "(the agents' token)" in script
    assert "--server https://me:8400" in script
    assert server.good("GET", "/pools")["pools"] == []
