"""The server about itself."""

from __future__ import annotations

import json

from tests.server.running import Server


def test_it_says_who_it_is(shared: Server) -> None:
    """The same server after a restart; where it lives; who asks."""
    told = shared.good("GET", "")
    assert told["schema"] == "rota.server/1"
    assert (told["home"], told["url"]) == (str(shared.home), shared.ready["url"])
    assert told["is_admin"] is True
    name = told["server"]
    shared.stop()
    shared.start()
    assert shared.good("GET", "")["server"] == name


def test_health_needs_nobody_to_be_known(shared: Server) -> None:
    """For whoever watches."""
    status, body, _ = shared.raw("GET", "/health")
    assert (status, json.loads(body)) == (200, {"status": "ok"})


def test_the_schema_of_a_job_file_is_handed_out(shared: Server) -> None:
    """For editors."""
    status, body, _ = shared.raw("GET", "/api/job-schema.json")
    assert (status, "memory" in json.loads(body)["properties"]) == (200, True)


def test_queues_count_their_tasks(shared: Server) -> None:
    """The default one is always there."""
    shared.submit(queue="night", array="0-9", held=True)
    queues = {q["name"]: q["counts"] for q in shared.good("GET", "/queues")["queues"]}
    assert queues["night"] == {"held": 10}
    assert "default" in queues
