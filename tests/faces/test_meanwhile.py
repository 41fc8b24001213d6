"""What is shown while one waits."""

from __future__ import annotations

from typing import Any

import pytest

from rota.client.http import Client
from rota.client.views import Page
from rota.client.waiting import Waited
from rota.faces.meanwhile import far, shown, tasks_over


def known(**rows: dict[str, Any]) -> Waited:
    """Return what is known of jobs: known(_12={"state": "running"})."""
    views = [
        {"id": int(name[1:]), "task": None, "name": "", **row} for name, row in rows.items()
    ]
    waited = Waited([view["id"] for view in views])
    waited.look(Page({"jobs": views, "seq": 1}))
    return waited


ARRAY = {"tasks": 10, "counts": {"done": 4, "failed": 1, "queued": 5}}


def test_an_array_is_as_far_as_its_tasks() -> None:
    """Failed ones are over, too, and told."""
    assert far(known(_12={"state": "running", "array": ARRAY}), 12) == (5, 10, "1 failed")


def test_a_single_job_is_as_far_as_it_says() -> None:
    """While it runs; before and after, it is not or all over."""
    told = {"done": 3, "total": 6, "text": "step"}
    assert far(known(_12={"state": "running", "progress": told}), 12) == (3, 6, "step")
    assert far(known(_12={"state": "running", "progress": None}), 12) == (0, 1, "running")
    assert far(known(_12={"state": "queued"}), 12) == (0, 1, "queued")
    assert far(known(_12={"state": "done", "progress": told}), 12) == (1, 1, "done")


def test_all_tasks_of_all_jobs() -> None:
    """Summed up."""
    both = known(_12={"state": "running", "array": ARRAY}, _13={"state": "done"})

    assert tasks_over(both) == (6, 11)


def test_into_a_log_go_few_lines(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """One at first, one when a job ends, none in between."""
    waited = known(_12={"state": "running"}, _13={"state": "running"})
    with shown(client, quiet=False) as show:
        show.update(waited)
        show.update(waited)
        waited.state[12], waited.counts[12] = "done", {"done": 1}
        show.update(waited)
        show.update(waited)
        show.say("the server is away")
        show.say("")

    assert capsys.readouterr().err.splitlines() == [
        "0 of 2 tasks over, 2 jobs to go",
        "1 of 2 tasks over, 1 job to go",
        "the server is away",
        "the server is back",
    ]


def test_quiet_is_quiet(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts."""
    with shown(client, quiet=True) as show:
        show.update(known(_12={"state": "running"}))
        show.say("away")

    assert capsys.readouterr() == ("", "")
