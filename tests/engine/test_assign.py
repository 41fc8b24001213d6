"""Rounds, strips and throttles."""

from __future__ import annotations

import pytest

from rota.core.job import AttemptRef
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.assign import snapshot_of
from rota.engine.events import Finished, Run
from rota.sched.problem import Window
from tests.engine.drive import BOB, Drive, array, job


def blink(drive: Drive, runs: list[tuple[int, int, int]]) -> None:
    """Let all of *runs* end after two milliseconds each."""
    reports = []
    for ref in runs:
        drive.at += 2
        ok = reason("ok", code=0)
        reports.append(Finished(AttemptRef(*ref), drive.at - 2, drive.at, 0, None, ok))
    drive.report(*reports)


def test_an_array_takes_one_allocation_a_core_and_no_more() -> None:
    """Two cores, two tasks at a time."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(array(10))
    assert drive.runs() == [(1, 0, 1), (1, 1, 1)]


def test_short_tasks_travel_in_strips_once_they_are_known_to_be_short() -> None:
    """The first ones alone, then more and more at once, never more than 64."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(array(1_000))
    longest = 0
    while runs := drive.runs():
        sizes = [len(e.tasks) for e in drive.effects if isinstance(e, Run)]
        longest = max(longest, *sizes)
        blink(drive, runs)
    assert drive.counts(1) == {"done": 1_000}
    assert 16 <= longest <= 64


def test_long_tasks_are_never_queued_behind_each_other_on_a_node() -> None:
    """A strip of long tasks would make one wait for the other beside an idle core."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(20))
    for index in range(10):
        assert drive.runs() == [(1, index, 1)]
        drive.at += 60_000
        ref = AttemptRef(1, index, 1)
        ok = reason("ok", code=0)
        drive.report(Finished(ref, drive.at - 60_000, drive.at, 0, None, ok))


def test_a_strip_is_not_lengthened_while_others_wait() -> None:
    """Short tasks of one user do not keep the cores from another's job."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(5_000))
    for _ in range(12):
        blink(drive, drive.runs())
    drive.submit(job(name="late", priority=5, request=Request(cores=1, memory=1)))
    seen = 0
    while (2, 0, 1) not in drive.runs():
        seen += len(drive.runs())
        blink(drive, drive.runs() or _held(drive))
    assert seen <= 64


def _held(drive: Drive) -> list[tuple[int, int, int]]:
    (alloc,) = drive.mind.memory.allocs.values()
    return [tuple(task.ref) for task in list(alloc.strip)]


def test_the_throttle_of_an_array_is_kept() -> None:
    """``--array 0-9%2`` on eight cores: two at a time, and the reason says so."""
    drive = Drive()
    drive.join(cores=8)
    drive.submit(array(10, 2))
    assert len(drive.runs()) == 2
    why = drive.mind.reason_of(1, 5)
    assert why is not None and why.code == "throttle"
    drive.finish(1, 0)
    assert drive.runs() == [(1, 2, 1)]


def test_higher_priority_goes_first() -> None:
    """Then the older job."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job(), job(priority=10))
    drive.finish(3)
    assert drive.runs() == [(1, 0, 1)]


def test_who_waits_is_told_why() -> None:
    """Resources that are busy are named."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job())
    why = drive.mind.reason_of(2)
    assert why is not None and why.code in ("resources", "priority")


def test_retries_go_before_tasks_never_tried() -> None:
    """An array finishes what it has begun."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(5, retries={"any": 1}))
    drive.finish(1, 0, code=1)
    assert drive.runs() == [(1, 0, 2)]


def test_the_next_task_of_a_strip_has_its_whole_limit_from_when_it_began() -> None:
    """A promise that rests on the end of an allocation must not come too early."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(40, request=Request(cores=1, time_ms=60_000)))
    for index in range(8):
        drive.finish(1, index)
    (alloc,) = drive.mind.memory.allocs.values()
    assert len(alloc.strip) > 1
    drive.start(1, alloc.strip[0].index)
    drive.at += 50_000
    drive.finish(1, alloc.strip[0].index)
    left = len(alloc.strip)
    snapshot_of(drive.mind.memory, drive.at)
    (release,) = drive.mind.memory.mirror.releases
    assert release.at == drive.at + left * 60_000


@pytest.mark.parametrize("limit_ms", [10_000, None])
def test_a_strip_is_over_before_the_next_window_even_if_all_run_to_their_limits(
    limit_ms: int | None,
) -> None:
    """Short tasks travel together also while a maintenance is to come."""
    drive = Drive()
    drive.join(cores=1)
    opens_at = drive.at + 10_000_000
    window = Window("m", drive.at + 65_000, opens_at, frozenset({"n9"}))
    drive.configure(windows=(window,))
    drive.submit(array(100, request=Request(cores=1, time_ms=limit_ms)))
    memory, longest = drive.mind.memory, 0
    while runs := drive.runs():
        for alloc in memory.allocs.values():
            longest = max(longest, len(alloc.strip))
            if limit_ms and len(alloc.strip) > 1:
                assert drive.at + len(alloc.strip) * limit_ms <= window.start
        drive.at += 1_000
        blink(drive, runs)
    assert drive.counts(1) == {"done": 100}
    assert longest == (5 if limit_ms else 1)


@pytest.mark.parametrize("limit_ms", [60_000, None])
def test_an_array_of_100_000_tasks_does_not_delay_ten_jobs_of_another_user(
    limit_ms: int | None,
) -> None:
    """Once bob's jobs are there, no core that becomes free is given to ann's array."""
    drive, asks = Drive(), Request(cores=1, time_ms=limit_ms)
    drive.join(cores=4)
    drive.submit(array(100_000, request=asks))
    memory = drive.mind.memory
    for _ in range(40):
        _finish_next(drive, job=1)
    drive.submit(*(job(request=asks) for _ in range(10)), user=BOB)
    anns = set(memory.allocs)
    while any(id in memory.jobs and memory.jobs[id].pending for id in range(2, 12)):
        ann = [alloc for alloc in memory.allocs.values() if alloc.job.id == 1]
        assert {alloc.id for alloc in ann} <= anns
        _finish_next(drive, job=next(iter(ann or memory.allocs.values())).job.id)
    assert len(memory.jobs[1].waiting) > 99_000


def _finish_next(drive: Drive, *, job: int) -> None:
    """Let the task of *job* that runs, in its first allocation, end well."""
    allocs = drive.mind.memory.allocs.values()
    task = next(alloc for alloc in allocs if alloc.job.id == job).strip[0]
    drive.finish(job, task.index, task.n)
