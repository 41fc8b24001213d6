"""What became of the tasks of arrays, in ranges: for those that wait task by task.

rows       0 done   1 done   2 failed   3 runs          ──→  done [0, 1]  failed [2, 2]
waiting                                         4 … 9         begun [3, 3]
neither                              10 … 12                  cancelled [10, 12]
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.indexes import IndexSet
from rota.core.lifecycle import FINAL, State
from rota.engine.records import TaskEnds
from rota.store import statements as sql
from rota.store.values import Source

BEGUN = "begun"

# Neighbours in the same state are one row: a million tasks that are done come as one.
_STRETCHES = f"""
    SELECT fate, min(task), max(task) FROM (
        SELECT task, fate, task - row_number() OVER (PARTITION BY fate ORDER BY task) AS gap
        FROM (
            SELECT task, CASE
                WHEN state IN ({", ".join(f"'{state}'" for state in FINAL)}) THEN state
                WHEN started_at IS NULL THEN 'waits' ELSE '{BEGUN}' END AS fate
            FROM task WHERE job = ?
        ) AS one
    ) AS stretch GROUP BY fate, gap ORDER BY min(task)
"""


def task_ends(source: Source, ids: Sequence[int]) -> dict[int, TaskEnds]:
    """Return what became of the tasks of those of *ids* that are arrays."""
    db, values = source
    found: dict[int, TaskEnds] = {}
    for holes, some in sql.portions(sorted(set(ids))):
        rows = db.execute(
            "SELECT id, waiting, request, spec, env, array_values, script FROM job "
            f"WHERE id IN ({holes})",
            some,
        ).fetchall()
        for job, waiting, *said in rows:
            array = values.specs[tuple(said)].array
            if array is not None:
                stretches = db.execute(_STRETCHES, (job,)).fetchall()
                found[job] = _ends(array.indexes, stretches, values.ranges[waiting])
    return found


def _ends(
    indexes: IndexSet,
    stretches: Sequence[tuple[str, int, int]],
    waiting: Sequence[Sequence[int]],
) -> TaskEnds:
    """Sort *stretches* of rows; who neither waits nor has a row was cancelled without."""
    fates: dict[str, IndexSet] = {}
    cancelled = indexes.copy()
    for first, last, *_ in waiting:
        cancelled.discard_range(first, last)
    for fate, first, last in stretches:
        cancelled.discard_range(first, last)
        fates.setdefault(fate, IndexSet()).add_range(first, last)
    for first, last in cancelled.ranges():
        fates.setdefault(str(State.CANCELLED), IndexSet()).add_range(first, last)
    ends = {fate: some.ranges() for fate, some in fates.items() if fate in set(FINAL)}
    begun = fates.get(BEGUN, IndexSet())
    return TaskEnds(indexes.ranges(), ends, begun.ranges())
