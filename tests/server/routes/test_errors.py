"""``GET /jobs/{id}/errors``: whose failures they are, and when there are none."""

from __future__ import annotations

from tests.server.running import Server


def test_a_job_that_waits_has_no_failures(shared: Server) -> None:
    """An empty list under its schema; a job that is not there is missing."""
    job = shared.submit(held=True)
    found = shared.good("GET", f"/jobs/{job}/errors")

    assert found == {"schema": "rota.errors/1", "id": job, "failed": 0, "groups": []}
    assert shared.call("GET", "/jobs/999999/errors")[0] == 404


def test_a_kind_of_failure_that_is_none_is_refused(shared: Server) -> None:
    """400, and nothing is run again."""
    job = shared.submit(held=True)
    body = {"targets": [str(job)], "signature": "1"}
    status, answer = shared.call("POST", "/jobs/rerun", body)

    assert status == 400 and "no kind of failure" in str(answer)
