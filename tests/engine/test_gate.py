"""The gate of a job: holds, dependencies, begin times."""

from __future__ import annotations

import pytest

from rota.core.job import After
from tests.engine.drive import Drive, array, job


def test_a_dependent_job_runs_when_the_other_ended_well() -> None:
    """It waits with a reason that names the job, and starts at once when that is done."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1),)))
    why = drive.mind.reason_of(2)
    assert drive.state(2) == "held" and why and why.text == "waits for job 1 to succeed"
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]


@pytest.mark.parametrize(
    ("kind", "code", "runs"),
    [("ok", 0, True), ("ok", 1, False), ("notok", 1, True), ("notok", 0, False),
     ("any", 0, True), ("any", 1, True)],
)  # fmt: skip
def test_dependencies_are_kept_as_asked(kind: str, code: int, *, runs: bool) -> None:
    """ok, notok and any; the impossible is held with a reason, not run and not lost."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After(kind, 1),)))
    drive.finish(1, code=code)
    assert bool(drive.runs()) is runs
    if not runs:
        why = drive.mind.reason_of(2)
        assert why is not None and why.code == "dependency_failed"


def test_a_failed_dependency_can_be_overruled_by_release_also_after_a_restart() -> None:
    """The user may know better; a restarted server still knows why the job is held."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1),)))
    drive.finish(1, code=1)
    drive.restart()
    why = drive.mind.reason_of(2)
    assert (
        why is not None and why.code == "dependency_failed" and "job 1 failed" in why.text
    )
    drive.join(session=2)
    drive.ask("release", 2)
    assert drive.runs() == [(2, 0, 1)]


def test_after_start_waits_for_the_start_only() -> None:
    """``start:1`` opens when job 1 runs, not when it ends."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("start", 1),)))
    assert drive.state(2) == "held"
    drive.start(1)
    assert drive.runs() == [(2, 0, 1)]


def test_a_job_waits_for_a_whole_array() -> None:
    """One task that ended is not the array."""
    drive = Drive()
    drive.join()
    drive.submit(array(2))
    drive.submit(job(after=(After("ok", 1),)))
    drive.finish(1, 0)
    assert drive.state(2) == "held"
    drive.finish(1, 1)
    assert drive.runs() == [(2, 0, 1)]


def test_a_begin_time_is_waited_for_and_the_mind_asks_for_a_tick() -> None:
    """``begin`` holds the job until then, also over a restart."""
    drive = Drive()
    drive.join()
    drive.submit(job(begin_at=60_000))
    assert drive.state(1) == "held" and drive.mind.next_at() == 60_000
    drive.restart()
    drive.join(session=2)
    assert not drive.runs()
    drive.tick(60_000)
    assert drive.runs() == [(1, 0, 1)]


def test_two_conditions_about_one_job_are_both_kept() -> None:
    """``start:1`` opens no gate that ``ok:1`` still closes."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1), After("start", 1))))
    drive.start(1)
    why = drive.mind.reason_of(2)
    assert not drive.runs() and why and why.text == "waits for job 1 to succeed"
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]


@pytest.mark.parametrize("again", [False, True])
def test_a_rerun_lets_those_wait_again_that_its_failure_had_held(again: bool) -> None:
    """Also when the server was started anew between the failure and the rerun."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1),)))
    drive.finish(1, code=1)
    if again:
        drive.restart()
        drive.join(session=2)
    drive.ask("rerun", 1)
    why = drive.mind.reason_of(2)
    assert why is not None and why.code == "dependency"
    drive.finish(1, n=2)
    assert drive.runs() == [(2, 0, 1)]


def test_who_was_released_from_a_failed_dependency_does_not_wait_for_its_rerun() -> None:
    """The user decided."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1),)))
    drive.finish(1, code=1)
    drive.ask("release", 2)
    drive.ask("rerun", 1)
    assert drive.state(2) == "placed"


def test_a_job_that_is_rerun_waits_for_one_that_is_rerun_too() -> None:
    """It comes after it, as it did the first time."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=(After("ok", 1),)))
    drive.finish(1)
    drive.finish(2, code=1)
    drive.ask("rerun", 1)
    drive.ask("rerun", 2)
    assert drive.state(2) == "held"
    drive.finish(1, n=2)
    assert drive.runs() == [(2, 0, 2)]
