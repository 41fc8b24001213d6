"""``GET /jobs/{id}/why`` and a dry run that explains (shapes: rota.wire.api.why)."""

from __future__ import annotations

from tests.server.running import Server


def test_why_tells_the_gate_and_the_nodes(shared: Server) -> None:
    """A held job: its hold, and what the round would say without it."""
    job = shared.submit(held=True, cores=1)
    told = shared.good("GET", f"/jobs/{job}/why")
    assert told["reason"]["code"] == "held"
    assert [one["code"] for one in told["waits"]["reasons"]] == ["held"]
    assert set(told["waits"]) == {
        "reasons", "starts", "classes", "ahead", "start", "edits",
    }  # fmt: skip
    shared.good("POST", "/jobs/kill", {"targets": [str(job)]})
    assert shared.good("GET", f"/jobs/{job}/why")["waits"] is None


def test_a_dry_run_explains_when_asked_and_submits_nothing(shared: Server) -> None:
    """The first ten of many; each costs some rounds."""
    seen = shared.good("GET", "/jobs?limit=1")["jobs"]
    docs = [{"argv": ["true"], "cwd": "/", "held": True}] * 12
    body = {"jobs": docs, "dry_run": True, "explain": True}
    told = shared.good("POST", "/jobs", body)["jobs"]
    assert [row["waits"] is not None for row in told] == [True] * 10 + [False] * 2
    assert told[0]["waits"]["reasons"][0]["code"] == "held"
    plain = shared.good("POST", "/jobs", {"jobs": docs[:1], "dry_run": True})["jobs"]
    assert plain[0]["waits"] is None
    now = shared.good("GET", "/jobs?limit=1")["jobs"]
    assert [row["id"] for row in now] == [row["id"] for row in seen]
