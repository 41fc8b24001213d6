"""Deadlines: what cannot be over in time does not start any more."""

from __future__ import annotations

from rota.core.resources import Request
from tests.engine.drive import Drive, array, job, why

LIMITED = Request(time_ms=60_000)


def busy() -> Drive:
    """Return a mind with one core, which job 1 has."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job())
    return drive


def test_it_is_held_when_its_time_limit_does_not_fit_any_more() -> None:
    """A minute's limit, a deadline in two: after one it is too late, and why says so."""
    drive = busy()
    drive.submit(job(request=LIMITED, deadline_at=drive.at + 120_000))
    drive.tick(drive.at + 60_000)
    assert drive.state(2) == "queued"
    drive.tick(drive.at + 1)
    code, text = why(drive, 2)
    assert code == "deadline" and "its time limit is" in text
    drive.finish(1)
    assert drive.runs() == []
    drive.restart()
    assert drive.state(2) == "held"


def test_or_it_fails_if_so_asked_and_of_an_array_one_for_all() -> None:
    """``on_impossible: fail``, as for dependencies."""
    drive = busy()
    deadline = {"deadline_at": drive.at + 5_000, "on_impossible": "fail"}
    drive.submit(job(**deadline))
    drive.submit(array(9, **deadline))
    drive.tick(drive.at + 5_001)
    row = drive.ledger.changed[2]
    assert row.state == "failed" and row.reason is not None
    assert row.reason.code == "deadline"
    assert drive.counts(3) == {"failed": 1, "cancelled": 8}


def test_what_runs_past_it_runs_on_and_is_told() -> None:
    """With the flag ``late``; a retry would be too late."""
    drive = Drive()
    drive.join()
    drive.submit(job(deadline_at=drive.at + 5_000, retries={"any": 3}))
    drive.start(1)
    drive.tick(drive.at + 5_001)
    assert drive.state(1) == "running" and drive.mind.flags_of(1) == ["late"]
    drive.finish(1, code=1)
    assert drive.runs() == [] and why(drive, 1)[0] == "deadline"


def test_a_later_deadline_lets_it_go() -> None:
    """By ``rota edit``."""
    drive = busy()
    drive.submit(job(deadline_at=drive.at + 5_000))
    drive.tick(drive.at + 6_000)
    refused = drive.ask("release", 2)
    assert refused.error is not None and "rota edit 2" in refused.error.sentence
    drive.ask("edit", 2, spec=job(deadline_at=drive.at + 60_000))
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]


def test_a_template_never_runs_itself() -> None:
    """It is held as one, also after a restart, until it is killed."""
    drive = Drive()
    drive.join()
    drive.submit(job(every="6h"))
    assert why(drive, 1)[0] == "every" and 1 in drive.mind.memory.templates
    drive.restart()
    assert drive.state(1) == "held" and 1 in drive.mind.memory.templates
    drive.ask("kill", 1)
    assert not drive.mind.memory.templates
