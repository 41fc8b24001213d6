"""qdel."""

from __future__ import annotations

from tests.faces.gridengine.conftest import GridEngine


def test_what_is_said(ge: GridEngine) -> None:
    """Of jobs, of tasks, and of what is not there."""
    job = ge("qsub", "-terse", "-h", "-t", "1-2", "-b", "y", "-cwd", "true").out.split(".")[
        0
    ]
    assert ge("qdel", f"{job}.1").out.endswith(
        f"has registered the job-array task {job}.1 for deletion\n"
    )
    assert ge("qdel", job).out.endswith(f"has registered the job {job} for deletion\n")
    said = ge("qdel", "99999999")
    assert (said.code, said.out) == (1, 'denied: job "99999999" does not exist\n')
    assert ge("qdel", "x").code == 1
