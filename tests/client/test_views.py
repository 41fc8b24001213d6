"""Views: JSON with names, and the exit code that stands for an end."""

from __future__ import annotations

from typing import Any

import pytest

from rota.client.views import Job, Page, exit_code_of


def view(**changes: Any) -> dict[str, Any]:
    """Return a job view as the API shows it, as far as these tests look at it."""
    return {"id": 12, "task": None, "name": "fit", "state": "failed", **changes}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "done", "exit_code": 0}, 0),
        ({"state": "done", "exit_code": 3}, 0),
        ({"exit_code": 3, "reason": {"code": "exit_code"}}, 3),
        ({"signal": 9, "reason": {"code": "signal"}}, 137),
        ({"reason": {"code": "time_limit"}, "signal": 15}, 124),
        ({"reason": {"code": "not_found"}}, 127),
        ({"reason": {"code": "not_executable"}}, 126),
        ({"reason": {"code": "oom"}, "signal": 9}, 137),
        ({"reason": {"code": "lost"}}, 125),
        ({"state": "cancelled", "reason": {"code": "killed"}}, 143),
        ({"state": "cancelled", "signal": 9, "reason": {"code": "killed"}}, 137),
        ({"reason": {"code": "dependency_failed"}}, 1),
    ],
)
def test_each_end_has_its_exit_code(changes: dict[str, Any], code: int) -> None:
    """The codes that scripts rely on."""
    assert exit_code_of(view(**changes)) == code


def test_a_task_is_called_by_its_job_and_index() -> None:
    """12 and 12[7]."""
    assert (Job(view()).label, Job(view(task=7)).label) == ("12", "12[7]")


def test_a_job_without_an_array_counts_as_one_task() -> None:
    """Whoever sums tasks need not ask whether there is an array."""
    assert (Job(view()).counts, Job(view()).tasks) == ({"failed": 1}, 1)


def test_an_array_counts_its_tasks() -> None:
    """By state."""
    job = Job(view(array={"tasks": 3, "counts": {"done": 2, "failed": 1}}))

    assert (job.counts, job.tasks) == ({"done": 2, "failed": 1}, 3)


def test_a_page_is_its_jobs() -> None:
    """Looping over it gives jobs; where it goes on stands beside them."""
    page = Page({"jobs": [view()], "next": "11", "seq": 5})

    assert [job.id for job in page] == [12]
    assert (len(page), page.next, page.seq) == (1, "11", 5)


def test_views_compare_by_what_they_hold() -> None:
    """Two looks that saw the same are equal."""
    assert Job(view()) == Job(view())
    assert Job(view()) != Job(view(state="done"))
    assert Job(view())["name"] == "fit"
    assert Job(view()).get("nothing") is None
