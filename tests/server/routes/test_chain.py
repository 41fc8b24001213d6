"""Who waits for whom, of a job and of a task (shapes: rota.wire.api.chain)."""

from __future__ import annotations

from tests.server.running import Server


def test_a_job_and_its_tasks_say_whom_they_wait_for(shared: Server) -> None:
    """Both paths give the same links; what ended is told as the store has it."""
    first = shared.submit(held=True, array="0-1", name="first")
    second = shared.submit(array="0-1", after=[f"ok:{first}[*]"], name="second")
    whole = shared.good("GET", f"/jobs/{second}")["chain"]
    assert whole == shared.good("GET", f"/jobs/{second}/why")["chain"]
    (link,) = whole["links"]
    assert set(link) == {
        "depth", "job", "task", "wanted", "name", "state", "reason", "more",
    }  # fmt: skip
    assert (link["job"], link["task"], link["state"], link["name"]) == (
        first, None, "held", "first",
    )  # fmt: skip
    shared.good("POST", "/jobs/kill", {"targets": [str(first)]})
    for path in (f"/jobs/{second}/why?task=1", f"/jobs/{second}/tasks/1"):
        (link,) = shared.good("GET", path)["chain"]["links"]
        assert (link["task"], link["state"]) == (1, "cancelled")
    shared.good("POST", "/jobs/kill", {"targets": [str(second)]})
    assert shared.good("GET", f"/jobs/{second}")["chain"] is None
    assert shared.good("GET", "/jobs?limit=1")["jobs"][0]["chain"] is None
