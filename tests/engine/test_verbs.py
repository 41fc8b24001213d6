"""kill, hold, release, edit: on jobs and on tasks."""

from __future__ import annotations

from dataclasses import replace

from rota.core.errors import Conflict, Missing, NotAllowed
from rota.core.job import AttemptRef
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.events import Declined
from tests.engine.drive import BOB, Drive, array, job


def busy(cores: int = 1) -> Drive:
    """A node of *cores* cores and one array of four tasks on it."""
    drive = Drive()
    drive.join(cores=cores)
    drive.submit(array(4))
    return drive


def test_kill_ends_what_waits_at_once_and_orders_the_end_of_what_runs() -> None:
    """Waiting tasks are cancelled in one stroke; the running one when its node says so."""
    drive = busy()
    drive.start(1, 0)
    assert drive.ask("kill", 1).value["jobs"][0]["result"] == "killing"
    assert drive.kills() == [AttemptRef(1, 0, 1)]
    assert drive.counts(1) == {"running": 1, "cancelled": 3}
    drive.finish(1, 0, code=None, signal=15, why=reason("killed", who="ann"))
    assert drive.counts(1) == {"cancelled": 4} and not drive.mind.memory.jobs


def test_what_is_requeued_runs_again_however_it_ends() -> None:
    """What waits is left alone; no budget is used; also one that ends well runs again."""
    drive = busy()
    drive.start(1, 0)
    assert drive.ask("kill", 1, requeue=True).value["jobs"][0]["result"] == "requeued"
    assert drive.kills() == [AttemptRef(1, 0, 1)]
    drive.finish(1, 0)
    assert drive.counts(1).get("done", 0) == 0 and sum(drive.counts(1).values()) == 4
    drive.restart()
    assert drive.mind.memory.jobs[1].tasks[0].n >= 1


def test_a_job_that_ended_well_while_it_was_to_be_killed_is_done() -> None:
    """The exit status is the kernel's (G11), not our wish's."""
    drive = busy()
    drive.ask("kill", 1, 0)
    drive.finish(1, 0)
    assert drive.counts(1)["done"] == 1


def test_g16_a_kill_is_remembered_while_the_node_is_away_and_over_a_restart() -> None:
    """It is carried out when the node is back, on that very attempt."""
    drive = busy()
    drive.start(1, 0)
    drive.leave()
    drive.ask("kill", 1, 0)
    assert not drive.kills()
    drive.restart()
    from rota.engine.events import Holding

    drive.join(session=2, holds=(Holding(AttemptRef(1, 0, 1), "running", drive.at),))
    assert drive.kills() == [AttemptRef(1, 0, 1)]


def test_a_killed_task_that_never_started_is_cancelled_not_queued_again() -> None:
    """The node declines it; the user's word stands."""
    drive = busy()
    drive.ask("kill", 1, 0)
    drive.report(Declined(AttemptRef(1, 0, 1), reason("killed", who="ann")))
    assert drive.counts(1)["cancelled"] == 1


def test_killing_an_ended_job_is_a_conflict_and_others_jobs_are_not_yours() -> None:
    """Both are told, with what can be done."""
    drive = busy()
    assert isinstance(drive.ask("kill", 1, user=BOB).error, NotAllowed)
    assert isinstance(drive.ask("kill", 9).error, Conflict)
    assert isinstance(drive.ask("hold", 1, 99).error, Missing)


def test_hold_keeps_what_waits_and_release_lets_it_go() -> None:
    """What runs is not touched; a held array starts nothing new."""
    drive = busy()
    drive.ask("hold", 1)
    assert drive.counts(1) == {"placed": 1, "held": 3}
    drive.finish(1, 0)
    assert not drive.runs()
    drive.restart()
    drive.join(cores=1, session=2)
    assert not drive.runs(), "a restart forgot the hold"
    drive.ask("release", 1)
    assert drive.runs() == [(1, 1, 1)]


def test_one_task_can_be_held_and_released() -> None:
    """The others pass it."""
    drive = busy()
    drive.ask("hold", 1, 1)
    drive.finish(1, 0)
    assert drive.runs() == [(1, 2, 1)]
    drive.ask("release", 1, 1)
    drive.finish(1, 2)
    assert drive.runs() == [(1, 1, 1)]


def test_holding_what_runs_is_refused_with_the_way_out() -> None:
    """The sentence says what can be done instead."""
    drive = Drive()
    drive.join()
    drive.submit()
    error = drive.ask("hold", 1).error
    assert isinstance(error, Conflict) and "you can kill it" in error.sentence


def test_release_of_what_is_not_held_says_so() -> None:
    """Nothing changes."""
    drive = Drive()
    drive.submit()
    error = drive.ask("release", 1).error
    assert isinstance(error, Conflict) and "not held" in error.sentence


def test_edit_changes_a_waiting_job_and_its_place() -> None:
    """A smaller request lets a job start that waited; the row keeps what was asked."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job(name="b", priority=-5), job(name="c"))
    drive.ask("edit", 2, spec=job(name="b", priority=9))
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]
    spec = drive.ledger.changed[2].spec
    assert spec is not None and spec.priority == 9


def test_edit_of_what_runs_or_to_the_impossible_is_refused() -> None:
    """And the job stays as it was."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job())
    assert isinstance(drive.ask("edit", 1, spec=job(priority=3)).error, Conflict)
    wide = replace(job(), request=Request(cores=64))
    assert isinstance(drive.ask("edit", 2, spec=wide).error, Conflict)
    assert drive.mind.memory.jobs[2].spec.request.cores == 1
