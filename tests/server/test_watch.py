"""Which jobs are looked at when commits go by."""

from __future__ import annotations

from rota.core.job import JobSpec
from rota.engine.records import JobAdded, JobChanged
from rota.server.watch import Watch


def changed(job: int) -> JobChanged:
    """Return a record of a job that changed."""
    return JobChanged(job, "running", {}, [], 1, None, None)


def test_only_jobs_somebody_is_told_of_are_noted() -> None:
    """A job that is over before its rows are on disk is one of them."""
    watch = Watch(lambda job: job == 3)
    told = JobSpec(argv=("true",), notify={"lab": "end"})
    watch.committed([JobAdded(1, told, "ann", 1, 0), JobAdded(2, JobSpec(), "ann", 1, 0)])
    watch.committed([changed(1), changed(2), changed(3)])
    assert watch.take() == [1, 3]
    watch.over(1)
    watch.committed([changed(1)])
    assert watch.take() == []
