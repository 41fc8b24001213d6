"""What a job holds of its tasks, and what jobs that only wait share."""

from __future__ import annotations

from rota.core.account import User
from rota.core.job import JobSpec
from rota.core.lifecycle import State
from rota.core.resources import Request
from rota.engine.live import Job, Task


def _job(id: int = 1) -> Job:
    return Job(id=id, spec=JobSpec(argv=("true",)), user=User("ann"), submitted_at=0)


def test_jobs_that_only_wait_share_what_is_empty() -> None:
    """What one of them does with it changes nothing for the others."""
    one, other = _job(1), _job(2)
    assert one.tasks is other.tasks and one.counts is other.counts
    one.put_row(Task(one, 0, State.QUEUED))
    one.put_ready(one.tasks[0])
    one.count(1, before=State.QUEUED, after=State.PLACED)
    one.note_end(State.DONE, 0, 0)
    assert one.waiting.take(1) == [0]
    assert (list(one.ready), one.counts) == ([0], {State.PLACED: 1})
    assert not other.tasks and not other.ready and not other.ends
    assert other.counts == {State.QUEUED: 1} and 0 in other.waiting
    one.drop_row(0)
    one.take_ready(Task(one, 0, State.PLACED))
    assert not one.tasks and not one.ready


def test_those_that_ask_for_something_else_stand_apart() -> None:
    """In the order of their indexes both."""
    job = _job()
    for index in (5, 3, 4):
        task = Task(job, index, State.QUEUED)
        task.request = Request(cores=2) if index == 4 else None
        job.put_row(task)
        job.put_ready(task)
    assert (list(job.ready), list(job.odd)) == ([3, 5], [4])
    job.take_ready(job.tasks[3])
    assert list(job.ready) == [5]
