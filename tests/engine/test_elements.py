"""Task by task: task i waits for task i, ``after: ok:1[*]``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.core.indexes import IndexSet
from rota.core.job import After, Array, AttemptRef
from rota.engine.events import Holding, Submitted
from rota.engine.state import Memory
from tests.engine.drive import ANN, Drive, array, job, why

PAIR = (After("ok", 1, elementwise=True),)


def pipeline(size: int = 4, *, kind: str = "ok", **more: Any) -> Drive:
    """Return a mind with an array, and another that waits for it task by task."""
    drive = Drive()
    drive.join(cores=2)
    after = (After(kind, 1, elementwise=True),)
    drive.submit(array(size))
    drive.submit(array(size, after=after, **more))
    return drive


def told(drive: Drive, index: int | None = None) -> str:
    """Return why job 2, or a task of it, waits."""
    why = drive.mind.reason_of(2, index)
    assert why is not None, "it does not wait"
    return why.text


def test_each_task_waits_for_its_own_counterpart() -> None:
    """Task 0 of the second runs while task 3 of the first still waits."""
    drive = pipeline()
    assert drive.state(2) == "held" and drive.counts(2) == {"held": 4}
    assert told(drive) == "waits for job 1 to succeed, task by task"
    assert told(drive, 3) == "waits for task 3 of job 1 to succeed"
    drive.finish(1, 0)
    drive.finish(1, 1)
    assert drive.counts(2) == {"held": 2, "queued": 2}
    drive.finish(1, 2)
    drive.finish(1, 3)
    assert drive.runs() == [(2, 1, 1)] and drive.counts(2) == {"queued": 2, "placed": 2}


@pytest.mark.parametrize(
    ("kind", "code", "runs"),
    [("ok", 0, True), ("ok", 1, False), ("notok", 1, True), ("notok", 0, False),
     ("any", 0, True), ("any", 1, True)],
)  # fmt: skip
def test_each_kind_is_kept_as_asked(kind: str, code: int, *, runs: bool) -> None:
    """ok, notok and any; a task that never can is held with a reason of its own."""
    drive = pipeline(1, kind=kind)
    drive.finish(1, 0, code=code)
    assert bool(drive.runs()) is runs
    if not runs:
        assert told(drive, 0).endswith(f"job 1[0] did not end as {kind} asks")
        assert drive.mind.reason_of(2) == drive.mind.reason_of(2, 0)


def test_start_waits_for_the_start_only() -> None:
    """``start:1[*]``: the twin runs beside its counterpart."""
    drive = pipeline(1, kind="start")
    drive.start(1, 0)
    assert drive.runs() == [(2, 0, 1)]


def test_with_fail_only_the_task_whose_counterpart_failed_fails() -> None:
    """The others of its array run on; a chain fails link by link."""
    drive = pipeline(2, on_impossible="fail")
    third = array(2, after=(After("ok", 2, elementwise=True),), on_impossible="fail")
    drive.submit(third)
    drive.finish(1, 0, code=1)
    assert drive.counts(2) == {"failed": 1, "held": 1}
    assert drive.counts(3) == {"failed": 1, "held": 1}
    drive.finish(1, 1)
    assert drive.runs() == [(2, 1, 1)]


def test_a_rerun_of_the_counterpart_lets_the_task_wait_again() -> None:
    """What was impossible is possible again: nobody has to touch the second array."""
    drive = pipeline(2)
    drive.finish(1, 0, code=1)
    assert told(drive, 0).startswith("a job it depends on did not end as asked")
    drive.ask("rerun", 1, 0)
    assert told(drive, 0) == "waits for task 0 of job 1 to succeed"
    drive.finish(1, 0, 2)
    assert drive.counts(2) == {"held": 1, "queued": 1} or (2, 0, 1) in drive.runs()


def test_a_rerun_of_a_whole_array_that_has_left_the_memory_is_waited_for() -> None:
    """The first is over and forgotten; its rerun opens the second's tasks again."""
    drive = pipeline(2)
    for index in range(2):
        drive.finish(1, index, code=1)
    assert 1 not in drive.mind.memory.jobs and drive.state(2) == "held"
    drive.ask("rerun", 1)
    drive.finish(1, 0, 2)
    drive.finish(1, 1, 2)
    assert drive.counts(2) == {"placed": 2}


def test_release_overrules_also_after_a_restart() -> None:
    """A task whose counterpart failed runs when the user says so; others still wait."""
    drive = pipeline(3)
    drive.finish(1, 0, code=1)
    drive.restart()
    assert told(drive, 0).startswith("a job it depends on did not end as asked")
    refused = drive.ask("release", 2, 2)
    assert refused.error is not None and "task 2 of job 1" in refused.error.sentence
    drive.ask("release", 2, 0)
    assert drive.counts(2) == {"held": 2, "queued": 1}
    drive.restart()
    assert drive.counts(2) == {"held": 2, "queued": 1}


def test_release_of_the_job_lets_all_that_are_impossible_go() -> None:
    """And only those."""
    drive = pipeline(3)
    drive.finish(1, 0, code=1)
    drive.finish(1, 1, code=1)
    drive.ask("release", 2)
    assert drive.counts(2)["held"] == 1


def test_a_task_held_and_released_by_hand_still_waits_for_its_counterpart() -> None:
    """A hold is no way around a dependency."""
    drive = pipeline(3)
    drive.ask("hold", 2, 2)
    assert told(drive, 2) == "held by ann"
    drive.ask("release", 2, 2)
    assert told(drive, 2) == "waits for task 2 of job 1 to succeed"
    for index in range(3):
        drive.finish(1, index)
    assert drive.counts(2).get("held") is None


def test_a_killed_counterpart_dooms_whole_ranges_at_once() -> None:
    """Half a million tasks that never ran need no row to fail."""
    drive = pipeline(500_000, on_impossible="fail")
    drive.ask("kill", 1)
    drive.finish(1, 0, code=None, signal=9)
    drive.finish(1, 1, code=None, signal=9)
    counts = drive.counts(2)
    assert counts["failed"] + counts["cancelled"] == 500_000
    assert len(drive.ledger.tasks) < 20


def test_a_kill_of_a_blocked_task_and_of_the_blocked_job() -> None:
    """What waits for its counterpart can be ended like all that waits."""
    drive = pipeline(3)
    drive.ask("kill", 2, 1)
    assert drive.counts(2) == {"held": 2, "cancelled": 1}
    drive.ask("kill", 2)
    assert drive.state(2) == "cancelled" and 2 not in drive.mind.memory.jobs
    assert not drive.mind.memory.paired


def test_who_comes_late_finds_what_has_ended() -> None:
    """The first array ended, in part or wholly, before the second was submitted."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(3))
    drive.finish(1, 0)
    drive.finish(1, 1, code=1)
    drive.submit(array(3, after=PAIR))
    assert drive.counts(2) == {"queued": 1, "held": 2}
    drive.finish(1, 2)
    drive.submit(array(3, after=PAIR), ended=drive.ledger.ended())
    assert drive.counts(3) == {"queued": 2, "held": 1}


def test_names_within_one_submission_and_several_counterparts() -> None:
    """Task i of the third waits for both."""
    drive = Drive()
    drive.join(cores=4)
    both = (After("ok", -1, elementwise=True), After("ok", -2, elementwise=True))
    drive.submit(array(2), array(2), array(2, after=both))
    drive.finish(1, 0)
    assert drive.counts(3) == {"held": 2}
    drive.finish(2, 0)
    assert drive.runs() == [(3, 0, 1)]


def test_with_a_whole_job_too() -> None:
    """Both must be as asked: the gate, and the counterpart."""
    drive = Drive()
    drive.join(cores=4)
    drive.submit(array(2))
    drive.submit(job())
    drive.submit(array(2, after=(*PAIR, After("ok", 2))))
    drive.finish(1, 0)
    assert drive.counts(3) == {"held": 2}
    drive.finish(2)
    assert drive.runs() == [(3, 0, 1)]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (job(after=PAIR), "this job is no array"),
        (array(3, after=PAIR), "job 1 has tasks 0-3, this one 0-2"),
        (array(1, after=(After("ok", 2, elementwise=True),)), "job 2 is no array"),
        (array(1, after=(After("ok", 9, elementwise=True),)), "there is no job 9"),
    ],
)
def test_unequal_arrays_are_refused(spec: Any, told: str) -> None:
    """With both index sets, and what to write instead."""
    drive = Drive()
    drive.submit(array(4))
    drive.submit(job())
    error = drive.submit(spec).error
    assert isinstance(error, Malformed) and told in error.complaints[0].problem


def test_an_edit_can_take_the_dependency_away() -> None:
    """All go on at once."""
    drive = pipeline(2)
    drive.ask("edit", 2, spec=array(2))
    assert drive.counts(2) == {"queued": 2} and not drive.mind.memory.paired


def test_a_rerun_of_the_second_waits_for_what_lives_only() -> None:
    """Who reruns a job whose counterpart is over wants it to run."""
    drive = pipeline(2, on_impossible="fail")
    drive.finish(1, 0, code=1)
    drive.finish(1, 1, code=1)
    assert drive.state(2) == "failed"
    drive.ask("rerun", 2)
    assert drive.counts(2) == {"placed": 2}
    drive.restart()
    assert drive.counts(2) == {"placed": 2}


def work(size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many steps it costs when the first of two arrays ends, in ranges."""
    steps: Counter[str] = Counter()
    real = IndexSet.discard_range

    def counted(self: IndexSet, low: int, high: int) -> None:
        steps["discard"] += 1
        real(self, low, high)

    drive = Drive()
    drive.submit(array(size))
    drive.submit(array(size, after=PAIR))
    monkeypatch.setattr(IndexSet, "discard_range", counted)
    memory: Memory = drive.mind.memory
    for first in range(0, size, size // 10):
        memory.note(memory.jobs[1], (first, first + size // 10 - 1, "done"))  # type: ignore[arg-type]
    drive.mind.settle(drive.at)
    monkeypatch.undo()
    assert not memory.jobs[2].blocked
    return steps["discard"]


def test_cost_follows_ranges_not_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten ranges of a million tasks cost what ten ranges of a hundred do."""
    assert work(100, monkeypatch) == work(1_000_000, monkeypatch)


def test_of_one_submission_with_an_index_set_of_gaps() -> None:
    """Indexes need not begin at 0, nor be neighbours."""
    drive = Drive()
    drive.join(cores=4)
    gaps = Array(IndexSet([[3, 3], [7, 9]]))
    drive.tell(
        Submitted(
            drive.at, ANN, [job(array=gaps),
                            job(array=gaps, after=(After("ok", -1, elementwise=True),))],
        )
    )  # fmt: skip
    drive.finish(1, 7)
    assert drive.runs() == [(2, 7, 1)]


def test_a_job_may_wait_for_one_task_of_an_array() -> None:
    """Whatever becomes of the others; an array waits with all of its tasks."""
    drive = Drive()
    drive.submit(array(3))
    one = (After("ok", 1, task=1),)
    drive.submit(job(after=one))
    drive.submit(array(2, after=one))
    assert why(drive, 2) == ("dependency", "waits for task 1 of job 1 to succeed")
    drive.join(cores=9)
    drive.finish(1, 0)
    assert (drive.state(2), drive.counts(3)) == ("held", {"held": 2})
    drive.restart()
    holds = tuple(Holding(AttemptRef(1, n, 1), "running") for n in (1, 2))
    drive.join(cores=9, session=2, holds=holds)
    drive.finish(1, 1)
    assert sorted(drive.runs()) == [(2, 0, 1), (3, 0, 1), (3, 1, 1)]


def test_one_task_that_failed_holds_until_it_is_run_again() -> None:
    """With its number in the reason; a release lets it run all the same, a kill ends it."""
    drive = Drive()
    drive.submit(array(3))
    one = (After("ok", 1, task=1),)
    drive.submit(job(after=one), job(after=one), job(after=one))
    drive.join(cores=9)
    drive.finish(1, 1, code=1)
    code, text = why(drive, 2)
    assert code == "dependency_failed" and "job 1[1] did not end as ok asks" in text
    drive.ask("release", 3)
    assert drive.runs() == [(3, 0, 1)]
    drive.ask("kill", 4)
    assert drive.state(4) == "cancelled"
    drive.ask("rerun", 1, 1)
    drive.finish(1, 1, n=2)
    assert drive.runs() == [(2, 0, 1)]


def test_the_task_must_be_there() -> None:
    """Of an array, and one of its own."""
    drive = Drive()
    drive.submit(array(3), job())
    said = str(drive.submit(job(after=(After("ok", 1, task=7),))).error)
    assert "ok:1[7]: job 1 has tasks 0-2; ok:1 waits for all of it" in said
    said = str(drive.submit(job(after=(After("ok", 2, task=0),))).error)
    assert "job 2 is no array" in said
