"""rerun: what ended is opened again under the next attempt number."""

from __future__ import annotations

from rota.core.errors import Conflict, Missing
from tests.engine.drive import Drive, array, job


def test_a_finished_job_runs_again_as_attempt_two() -> None:
    """It comes back from the store; its history goes on."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.finish(1, code=3)
    drive.ask("rerun", 1)
    assert drive.runs() == [(1, 0, 2)]
    drive.finish(1, n=2)
    assert drive.state(1) == "done"
    assert [row.exit_code for row in drive.ledger.attempts.values()] == [3, 0]


def test_rerun_of_an_array_opens_what_failed_or_was_cancelled() -> None:
    """What is done stays done; tasks that never ran wait again."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(4))
    drive.finish(1, 0)
    drive.finish(1, 1, code=1)
    drive.ask("kill", 1)
    drive.finish(1, 2, code=None, signal=15)
    assert drive.counts(1) == {"done": 1, "failed": 1, "cancelled": 2}
    reply = drive.ask("rerun", 1)
    assert reply.value["jobs"][0]["tasks"] == 3
    ran = []
    while runs := drive.runs():
        ran.extend(runs)
        for job_id, index, n in runs:
            drive.finish(job_id, index, n)
    assert ran == [(1, 1, 2), (1, 2, 2), (1, 3, 1)]
    assert drive.counts(1) == {"done": 4}


def test_one_failed_task_of_a_living_array_can_be_rerun() -> None:
    """While its sisters still wait."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(3))
    drive.finish(1, 0, code=1)
    drive.ask("rerun", 1, 0)
    drive.finish(1, 1)
    assert drive.runs() == [(1, 0, 2)]


def test_rerun_of_what_did_not_end_or_does_not_exist_is_refused() -> None:
    """Nothing changes."""
    drive = Drive()
    drive.submit(job())
    assert isinstance(drive.ask("rerun", 1).error, Conflict)
    from rota.engine.events import Asked
    from tests.engine.drive import ANN

    reply = drive.reply(drive.tell(Asked(drive.at, ANN, "rerun", [(9, None)])))
    assert isinstance(reply.error, Missing)
