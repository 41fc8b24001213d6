"""Jobs that make room for others, where their queue allows it."""

from __future__ import annotations

from typing import Any

from rota.core.job import AttemptRef, Checkpoint
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.events import Holding, Kill, Suspend, Suspended
from rota.sched.problem import QueueRule
from rota.sched.rules import Queue
from rota.sched.yields import Yields
from tests.engine.drive import Drive, job, ruled, why


def preempting(**more: Any) -> Drive:
    """Return a mind with a queue that preempts and one that yields."""
    return ruled(
        queues={
            "urgent": Queue(QueueRule(preempts=True)),
            "scavenge": Queue(yields=Yields(**more)),
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
    assert (task.state, task.troubles) == (State.HELD, 0)
    assert task.failures == {"preempted": 1}, "noted, and no retry of its own is used"
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


def suspending(**more: Any) -> Drive:
    """Return a mind whose scavenge queue lends its cores, with one such job that runs."""
    drive = preempting(mode="suspend", **more)
    drive.submit(job(queue="scavenge", request=Request(cores=4, memory=1 << 30)))
    drive.start(1)
    return drive


VICTIM = AttemptRef(1, 0, 1)


def test_a_suspended_job_lends_its_cores_and_goes_on_when_they_are_free() -> None:
    """Its memory stays held, its user is not charged, and nobody new comes before it."""
    drive = suspending()
    drive.submit(job(queue="urgent", request=Request(cores=4)))
    assert (drive.kills(), drive.runs()) == ([], [])
    drive.submit(job())
    assert not [e for e in drive.effects if isinstance(e, Suspend)], "it is under way"
    drive.report(Suspended(VICTIM, True))
    assert (drive.state(1), drive.runs()) == ("suspended", [(2, 0, 1)])
    node = drive.mind.memory.nodes["n1"]
    assert node.memory == (8 << 30) - (1 << 30)
    assert drive.mind.memory.tally.usage.rate("ann") == 4
    assert drive.ledger.history[-1].move != "requeue"
    error = drive.ask("resume", 1).error
    assert error is not None and "job 2" in error.sentence

    drive.finish(2)
    assert [(e.attempt, e.on) for e in drive.effects if isinstance(e, Suspend)] == [
        (VICTIM, False)
    ]
    assert drive.runs() == [], "who lent comes before who is new"
    drive.report(Suspended(VICTIM, False))
    assert drive.state(1) == "running"
    drive.finish(1)
    assert drive.runs() == [(3, 0, 1)]


def test_what_is_lent_is_lent_after_a_restart() -> None:
    """The one that borrowed keeps its cores, the other its memory."""
    drive = suspending()
    drive.submit(job(queue="urgent", request=Request(cores=4)))
    drive.report(Suspended(VICTIM, True))
    drive.restart()
    holds = (
        Holding(VICTIM, "running", 1_000),
        Holding(AttemptRef(2, 0, 1), "running", 1_000),
    )
    drive.join(cores=4, session=2, holds=holds)
    drive.report(Suspended(VICTIM, True))
    assert (drive.state(1), drive.state(2)) == ("suspended", "running")
    drive.ask("kill", 1)
    drive.finish(1, code=None, signal=15, why=reason("killed", who="ann"))
    drive.finish(2)
    assert not drive.mind.memory.jobs


def test_nobody_is_stopped_more_often_than_allowed() -> None:
    """The count is on disk."""
    drive = preempting(max_per_job=1)
    wide = Request(cores=4)
    drive.submit(job(queue="scavenge", request=wide))
    drive.start(1)
    drive.submit(job(queue="urgent", request=wide))
    drive.finish(1, code=None, signal=15, why=reason("preempted", job=2))
    drive.finish(2)
    drive.tick(drive.at + 60_000)
    drive.restart()
    drive.join(cores=4, session=2, holds=(Holding(AttemptRef(1, 0, 2), "waiting"),))
    drive.start(1, n=2)
    drive.submit(job(queue="urgent", request=wide))
    assert drive.kills() == []


def test_no_more_of_a_queue_is_stopped_than_its_share_and_hour_allow() -> None:
    """And the mind looks again when the hour has passed."""
    drive = preempting(max_share=0.5, per_hour=1)
    for _ in range(4):
        drive.submit(job(queue="scavenge"))
    for id in range(1, 5):
        drive.start(id)
    drive.submit(job(queue="urgent", request=Request(cores=3)))
    assert drive.kills() == [], "three of four cores are more than half"
    drive.ask("kill", 5)
    drive.submit(job(queue="urgent"))
    [gone] = drive.kills()
    drive.finish(gone.job, code=None, signal=15, why=reason("preempted", job=6))
    drive.start(6)
    drive.submit(job(queue="urgent"))
    assert drive.kills() == [], "one an hour"
    drive.tick(drive.at + 3_600_001)
    assert len(drive.kills()) == 1


def test_a_checkpoint_is_asked_for_with_its_signal_and_its_time() -> None:
    """What it exits with then is no failure; who cannot save is just stopped."""
    drive = preempting(mode="checkpoint", grace_ms=5)
    point = Checkpoint("USR2", 90_000)
    drive.submit(
        job(queue="scavenge", request=Request(cores=2), checkpoint=point),
        job(queue="scavenge", request=Request(cores=2)),
    )
    drive.start(1)
    drive.start(2)
    drive.submit(job(queue="urgent", request=Request(cores=4)))
    kills = {e.attempt.job: e for e in drive.effects if isinstance(e, Kill)}
    assert (kills[1].signal, kills[1].grace_ms) == ("USR2", 90_000)
    assert (kills[2].signal, kills[2].grace_ms) == ("", 5)
    drive.finish(1, code=85)
    assert drive.counts(1) == {"held": 1}
    assert drive.mind.memory.jobs[1].tasks[0].failures == {"preempted": 1}
