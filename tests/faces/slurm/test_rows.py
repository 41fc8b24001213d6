"""A job of ours as Slurm would tell of it."""

from __future__ import annotations

from rota.faces.slurm.rows import Row
from tests.faces.slurm.views import view

SPEC = {
    "origin": {"system": "slurm", "array_last": "7", "ntasks": "2", "cpus_per_task": "2"},
    "cwd": "/data",
    "output": "{name}-{job}_{task}-{raw}.out",
}


def test_ids_of_arrays() -> None:
    """What waits is one row; each other task has its name and a number."""
    waits = Row(view(id=20), SPEC, pending="3-7", limit=2)
    task = Row(view(id=20, task=3), SPEC, task=3)

    assert (waits.job_id, waits.raw, waits.index) == ("20_[3-7%2]", 20, "[3-7%2]")
    assert (task.job_id, task.raw, task.index) == ("20_3", 1000000200000003, "3")
    assert Row(view(id=20, task=7), SPEC, task=7).raw == 20
    assert Row(view(), {}).index == "N/A"


def test_where_it_runs_and_what_it_has() -> None:
    """Nodes in bracket form, cores as they were given."""
    nodes = [{"host": "n1", "cores": [0, 1]}, {"host": "n3", "cores": [2]}]
    row = Row(view(state="running", nodes=nodes, request={"memory": 100 << 20}), SPEC)

    assert (row.nodes, row.node_count, row.cpus) == ("n[1,3]", 2, 3)
    assert row.memory == 50 << 20 and row.tres == "cpu=3,mem=100M,node=2,billing=3"
    assert (row.ntasks, row.cpus_per_task) == (2, 2)


def test_files_are_named_as_far_as_they_are_known() -> None:
    """In the job's folder."""
    row = Row(view(id=20, task=3, nodes=[]), SPEC, task=3)
    assert row.path("error") == "/data/fit-20_3-1000000200000003.out"


def test_times() -> None:
    """Elapsed and due follow from start, end and limit."""
    said = {
        "started_at": "2026-11-21T01:00:00.000Z",
        "ended_at": "2026-11-21T01:00:09.000Z",
    }
    row = Row(view(state="done", exit_code=0, request={"time": 300.0}, **said), {})
    assert row.elapsed == 9 and row.exit == "0:0" and row.limit_s == 300
    assert row.ended is not None and row.due == row.ended
    assert Row(view(), {}).elapsed == 0 and Row(view(), {}).due is None
