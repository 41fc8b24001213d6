"""Dependencies that came to nothing, and graphs of many."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from rota.core.job import After
from rota.core.lifecycle import State
from rota.engine.ends import end_job
from rota.engine.events import Submitted
from rota.engine.state import Memory
from tests.engine.drive import ANN, Drive, array, job


def failing(**more: Any) -> Any:
    """Return a job that fails when job 1 does not end well."""
    return job(after=(After("ok", 1),), on_impossible="fail", **more)


def test_an_impossible_dependency_fails_the_job_if_so_asked() -> None:
    """And says which one it was."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(failing())
    drive.finish(1, code=3)
    row = drive.ledger.changed[2]
    assert row.state == "failed" and row.reason is not None
    assert row.reason.text == "a job it depends on did not end as asked: job 1 failed"


def test_a_long_chain_fails_to_its_end() -> None:
    """Ten thousand deep: one failure finds all its followers, no call within a call."""
    drive = Drive()
    drive.join()
    links = [job(after=(After("ok", -n),), on_impossible="fail") for n in range(1, 10_000)]
    drive.submit(job(), *links)
    drive.finish(1, code=1)
    assert {row.state for row in drive.ledger.changed.values()} == {"failed"}
    assert not drive.mind.memory.jobs and not drive.mind.memory.failed_for


def test_of_an_array_one_task_fails_for_all_and_a_rerun_opens_all() -> None:
    """No rows for a million tasks that never ran."""
    drive = Drive()
    drive.join(cores=4)
    drive.submit(job())
    drive.submit(array(1000, after=(After("ok", 1),), on_impossible="fail"))
    drive.finish(1, code=1)
    assert drive.counts(2) == {"failed": 1, "cancelled": 999}
    why = drive.ledger.changed[2].reason
    assert why is not None and why.code == "dependency_failed"
    drive.ask("rerun", 2)
    assert sum(drive.counts(2).values()) == 1000 and drive.state(2) == "placed"


def test_a_held_job_fails_too() -> None:
    """A hold by hand does not keep a job whose time can not come."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(failing(held=True))
    drive.finish(1, code=1)
    assert drive.state(2) == "failed"


@pytest.mark.parametrize("code", [0, 1])
def test_a_graph_costs_what_its_edges_cost(code: int) -> None:
    """Four times the edges, four times the calls: a square would be sixteen."""
    small, large = _cost(1_000, code), _cost(4_000, code)
    assert 3 * small < large < 4.2 * small


def _cost(size: int, code: int) -> int:
    """Count the calls for a job that waits for *size* jobs, which end in twenty batches."""
    drive = Drive()
    mind = drive.mind
    first = [job() for _ in range(size)]
    last = job(after=tuple(After("ok", -n - 1) for n in range(size)))
    calls = 0

    def count(frame: FrameType, event: str, what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        mind.handle(Submitted(1, ANN, [*first, last]))
        mind.settle(1)
        for number in range(1, size + 1):
            _end(mind.memory, number, State.FAILED if code else State.DONE)
            if number % (size // 20) == 0:
                mind.settle(5)
    finally:
        sys.setprofile(before)
    waiter = mind.memory.jobs[size + 1]
    assert (waiter.gate is State.HELD) == bool(code) and not waiter.deps_left
    return calls


def _end(memory: Memory, number: int, state: State) -> None:
    one = memory.jobs[number]
    one.waiting.take(1)
    memory.shift(one, 1, before=State.QUEUED, after=state)
    end_job(memory, one, at=5, why=None)
