"""How tasks and jobs end, and how what they held is given back."""

from __future__ import annotations

from rota.core.job import AttemptRef
from rota.core.reasons import reason
from tests.engine.drive import Drive, array, job


def test_what_an_attempt_held_is_free_again_when_it_ends() -> None:
    """Cores, memory and the allocation; the next job starts in the same step."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job())
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]
    drive.finish(2)
    assert not drive.mind.memory.allocs
    assert drive.mind.memory.nodes["n1"].cores == {0}


def test_a_job_that_ended_leaves_the_working_memory() -> None:
    """The store answers for it; nothing of it is kept, its key neither."""
    drive = Drive()
    drive.join()
    drive.submit(job(key="k"))
    drive.finish(1)
    memory = drive.mind.memory
    assert not memory.jobs and not memory.keys and not memory.lines.by_key


def test_an_array_tells_how_many_of_its_tasks_failed() -> None:
    """Its reason is of the whole, not of whichever task came last."""
    drive = Drive()
    drive.join()
    drive.submit(array(3))
    drive.finish(1, 0, code=1)
    drive.finish(1, 1)
    drive.finish(1, 2)
    row = drive.ledger.changed[1]
    assert row.state == "failed" and row.reason is not None
    assert row.reason.text == "1 of its 3 tasks failed"


def test_a_second_kill_is_sent_again_to_the_same_attempt() -> None:
    """An impatient user may shorten the grace; nothing else changes."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.ask("kill", 1)
    drive.ask("kill", 1, grace_ms=0)
    assert drive.kills() == [AttemptRef(1, 0, 1)]
    drive.finish(1, code=None, signal=9, why=reason("killed", who="ann"))
    assert drive.state(1) == "cancelled"
