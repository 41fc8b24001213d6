"""Names of jobs and tasks."""

from __future__ import annotations

import pytest

from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec, facts_of, parse_task, show_name, task_name


@pytest.mark.parametrize(("job", "task", "name"), [(12, None, "12"), (12, 7, "12[7]")])
def test_a_task_is_called_by_its_job_and_index(job: int, task: int, name: str) -> None:
    """And the name can be read again."""
    assert task_name(job, task) == name
    assert parse_task(name) == (job, task)


@pytest.mark.parametrize("text", ["", "a", "-1", "12[", "12[]", "12[x]", "1 2", "12[7]x"])
def test_what_names_no_task_is_refused(text: str) -> None:
    """With the two forms there are."""
    with pytest.raises(ValueError, match="is not a job such as 12 or a task such as"):
        parse_task(text)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (JobSpec(name="fit", argv=("x",)), "fit"),
        (JobSpec(argv=("/usr/bin/python3", "a.py")), "python3"),
        (JobSpec(command="  ./model --x && true"), "model"),
        (JobSpec(command=" \n"), "command"),
        (JobSpec(script="#!/bin/sh\n"), "script"),
    ],
)
def test_a_job_without_a_name_is_called_by_what_it_runs(spec: JobSpec, name: str) -> None:
    """The first word, without its folder."""
    assert show_name(spec) == name


def test_facts_are_the_values_at_a_tasks_position() -> None:
    """Indexes may have gaps; values are counted by position."""
    array = Array(IndexSet([(3, 4)]), None, {"x": ("a", "b"), "y": ("p", "q")})

    assert facts_of(JobSpec(array=array), 4, 1) == {"x": "b", "y": "q"}
    assert facts_of(JobSpec(), 0, 0) == {}
