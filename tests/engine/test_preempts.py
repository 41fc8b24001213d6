"""Jobs that make room for others, where their queue allows it."""

from __future__ import annotations

from typing import Any

from rota.core.job import AttemptRef
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.events import Kill
from rota.sched.problem import QueueRule
from rota.sched.rules import Queue
from tests.engine.drive import Drive, job, ruled, why


def preempting(**more: Any) -> Drive:
    """Return a mind with a queue that preempts and one that yields."""
    return ruled(
        queues={
            "urgent": Queue(QueueRule(preempts=True)),
            "scavenge": Queue(preemptible=True, **more),
        }
    )


def test_a_job_makes_room_and_is_tried_again_at_no_cost() -> None:
    """Killed with a reason, queued again, its own budget untouched."""
    drive = preempting()
    wide = Request(cores=4)
    drive.submit(job(queue="scavenge", request=wide))
    drive.start(1)
    drive.submit(job(queue="urgent", request=wide))
    [kill] = [e for e in drive.effects if isinstance(e, Kill)]
    assert kill.reason == reason("preempted", job=2)
    drive.submit(job(held=True))
    assert drive.kills() == [], "room is being made already"

    drive.finish(1, code=None, signal=15, why=reason("killed", who="the server"))
    assert drive.runs() == [(2, 0, 1)]
    task = drive.mind.memory.jobs[1].tasks[0]
    assert (task.state, task.failures, task.troubles) == (State.HELD, {}, 0)
    assert "make room for job 2" in why(drive, 1)[1]

    drive.finish(2)
    drive.tick(drive.at + 60_000)
    assert drive.runs() == [(1, 0, 2)]


def test_who_has_not_run_long_enough_is_left_alone() -> None:
    """And the mind looks again when it has."""
    drive = preempting(min_run_ms=30_000)
    wide = Request(cores=4)
    drive.submit(job(queue="scavenge", request=wide))
    drive.start(1)
    drive.submit(job(queue="urgent", request=wide))
    assert drive.kills() == []
    drive.tick(drive.at + 30_000)
    assert drive.kills() == [AttemptRef(1, 0, 1)]


def test_no_queue_is_preempted_that_does_not_allow_it() -> None:
    """The default queue does not."""
    drive = preempting()
    drive.submit(job(request=Request(cores=4)))
    drive.submit(job(queue="urgent", request=Request(cores=4)))
    assert drive.kills() == []
