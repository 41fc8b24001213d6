"""The working memory: its invariants are real, its rows are written once."""

from __future__ import annotations

import pytest

from rota.core.errors import IllegalMove
from rota.core.lifecycle import Move, State
from rota.engine.records import AttemptSaved, Happened, JobAdded, JobChanged, TaskSaved
from tests.engine.drive import Drive, array, job


def test_a_row_that_changed_twice_in_a_batch_is_written_once() -> None:
    """Placed, started and finished in one batch: one task row, three lines of history."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job())
    from rota.core.job import AttemptRef
    from rota.core.reasons import reason
    from rota.engine.events import Finished, Reported

    done = Finished(AttemptRef(1, 0, 1), 5, 9, 0, None, reason("ok", code=0))
    drive.mind.handle(Reported(9, "n1", 1, [done]))
    rows = drive.mind.settle(9)
    kinds = [type(row) for row in rows]
    assert (
        kinds.count(TaskSaved) == kinds.count(AttemptSaved) == kinds.count(JobChanged) == 1
    )
    assert [r.move for r in rows if isinstance(r, Happened)] == [Move.START, Move.FINISH]


def test_what_was_added_comes_before_what_became_of_it() -> None:
    """A store writes rows in order; a job must exist before its history."""
    drive = Drive()
    drive.join()
    from rota.engine.events import Submitted
    from tests.engine.drive import ANN

    drive.mind.handle(Submitted(5, ANN, [job(), array(3)]))
    rows = drive.mind.settle(5)
    assert [type(row) for row in rows[:4]] == [JobAdded, JobAdded, JobChanged, JobChanged]


def test_an_illegal_move_changes_nothing() -> None:
    """The counts too stay as they were."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    task = drive.mind.memory.jobs[1].tasks[0]
    with pytest.raises(IllegalMove):
        drive.mind.memory.move(task, Move.HOLD, at=9, source="x")
    assert task.state is State.PLACED
    drive.mind.check()


@pytest.mark.parametrize("harm", ["count", "core", "ready", "memory"])
def test_g19_the_invariants_notice_harm(harm: str) -> None:
    """``check`` is only worth something if it fails when it should."""
    drive = Drive()
    drive.join()
    drive.submit(array(5))
    memory = drive.mind.memory
    if harm == "count":
        counts = memory.jobs[1].counts
        memory.jobs[1].counts = {**counts, State.QUEUED: counts[State.QUEUED] + 1}
    elif harm == "core":
        memory.nodes["n1"].cores.add(0)
    elif harm == "ready":
        memory.jobs[1].ready = [0]
    else:
        memory.nodes["n1"].memory -= 1
    with pytest.raises(AssertionError):
        drive.mind.check()
