"""Templates in a live server: each instant once, whatever becomes of the server."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from tests.server.running import Server, until

TEMPLATE = {"argv": ["true"], "cwd": "/", "name": "tick"}


def made(server: Server) -> list[Any]:
    """Return the jobs that were made of templates, oldest first."""
    jobs = server.good("GET", "/jobs?limit=100")["jobs"]
    return [job for job in reversed(jobs) if job["key"]]


def test_a_template_makes_jobs_and_shows_the_next_instant(server: Server) -> None:
    """With overlap: queue each waits for the one before; nobody runs them here."""
    body = {"jobs": [{**TEMPLATE, "every": "1s", "overlap": "queue"}]}
    server.good("POST", "/jobs", body)
    until(lambda: len(made(server)) >= 3)
    first, second = made(server)[:2]
    assert second["after"] == [f"any:{first['id']}"]
    template = server.good("GET", "/jobs/1")
    assert template["state"] == "held" and template["every"] == "1s"
    assert template["next_at"] > template["submitted_at"]
    assert f"next {template['next_at']}" in template["reason"]["text"]


def test_while_the_one_before_lives_it_is_left_out(server: Server) -> None:
    """The default: never two of them at once."""
    server.good("POST", "/jobs", {"jobs": [{**TEMPLATE, "every": "1s"}]})
    until(lambda: len(made(server)) == 1)
    first = server.good("GET", "/jobs/1")["next_at"]
    until(lambda: server.good("GET", "/jobs/1")["next_at"] > first)
    assert len(made(server)) == 1
    server.good("POST", "/jobs/kill", {"targets": [str(made(server)[0]["id"])]})
    until(lambda: len(made(server)) == 2)


def test_a_killed_server_makes_none_twice_and_catches_up_with_one(tmp_path: Path) -> None:
    """An hourly template: after kill -9 the instant of its submission is not made again."""
    with Server(tmp_path / "home") as server:
        body = {"jobs": [{**TEMPLATE, "every": "1h"}, {**TEMPLATE, "every": "1s"}]}
        server.good("POST", "/jobs", body)
        until(lambda: len(made(server)) == 2)
        server.stop(signal.SIGKILL)
        server.start()
        second = "every/2/"
        kill = [str(j["id"]) for j in made(server) if j["key"].startswith(second)]
        server.good("POST", "/jobs/kill", {"targets": kill})
        until(lambda: sum(j["key"].startswith(second) for j in made(server)) == 2)
        keys = [job["key"] for job in made(server)]
        assert len(set(keys)) == len(keys)
        assert sum(key.startswith("every/1/") for key in keys) == 1


def test_a_held_template_makes_none(server: Server) -> None:
    """Until it is released: from the next instant on."""
    body = {"jobs": [{**TEMPLATE, "every": "1s", "held": True}]}
    server.good("POST", "/jobs", body)
    first = server.good("GET", "/jobs/1")["next_at"]
    until(lambda: server.good("GET", "/jobs/1")["next_at"] > first)
    assert made(server) == []
    server.good("POST", "/jobs/release", {"targets": ["1"]})
    until(lambda: len(made(server)) == 1)
