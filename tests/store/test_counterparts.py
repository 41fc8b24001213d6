"""What became of tasks, in ranges: see also ``tests/contracts/test_store_worlds.py``."""

from __future__ import annotations

from rota.engine.records import TaskEnds
from tests.contracts.stores import opened
from tests.store import making as make


def test_tasks_that_ended_alike_side_by_side_are_one_range() -> None:
    """Rows, those that wait, and those that were cancelled before they had a row."""
    with opened("sqlite") as (store, _):
        rows = [make.task(1, index, "done", started_at=make.AT) for index in range(500)]
        store.commit(
            [
                *make.submitted(1, make.array_of(0, 999)),
                *make.submitted(2),
                *rows,
                make.task(1, 500, "failed"),
                make.task(1, 501, "running", started_at=make.AT),
                make.task(1, 502, "queued", started_at=None),
                make.changed(1, {"running": 1}, waiting=[[600, 799], [800, 899, 1]]),
            ]
        )
        ends = {
            "done": [[0, 499]],
            "failed": [[500, 500]],
            "cancelled": [[503, 599], [900, 999]],
        }
        wanted = TaskEnds([[0, 999]], ends, [[501, 501]])
        assert store.task_ends([1, 2, 99]) == {1: wanted}
