"""Lines keep like jobs together, sooner ones first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.account import User
from rota.core.job import JobSpec
from rota.core.resources import Request
from rota.engine.lines import Lines
from rota.engine.live import Job
from rota.engine.settings import Settings
from rota.sched.expected import Estimate


def make(id: int, priority: int = 0, cores: int = 1) -> Job:
    """Return a waiting job."""
    spec = JobSpec(argv=("x",), priority=priority, request=Request(cores=cores))
    return Job(id=id, spec=spec, user=User("ann"), submitted_at=id)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), max_size=30), st.data())
def test_a_line_is_sorted_whatever_comes_and_goes(
    jobs: list[tuple[int, int]], data: st.DataObject
) -> None:
    """By falling priority, then by id; a job that left is nowhere."""
    made = [make(id, priority, cores) for id, (priority, cores) in enumerate(jobs, 1)]
    lines = Lines({job.id: job for job in made}, lambda job: Estimate(1.0, 1.0), Settings())
    for job in made:
        assert lines.refresh(job, may_run=True)
        assert not lines.refresh(job, may_run=True)
    gone = data.draw(st.sets(st.sampled_from(made))) if made else set()
    for job in gone:
        lines.refresh(job, may_run=False)
    seen = []
    lines.check()
    for line in lines.roster:
        order = [(-w.priority, w.job) for w in line.jobs]
        assert order == sorted(order)
        assert [line.jobs[i] for i in range(len(line.jobs))] == list(line.jobs)
        assert {made[w.job - 1].spec.request for w in line.jobs} == {line.request}
        seen.extend(w.job for w in line.jobs)
    assert sorted(seen) == [job.id for job in made if job not in gone]


def test_an_empty_line_is_gone() -> None:
    """A round does not look at what nobody stands in."""
    job = make(1)
    lines = Lines({job.id: job}, lambda job: Estimate(1.0, 1.0), Settings())
    lines.refresh(job, may_run=True)
    lines.leave(job)
    lines.leave(job)
    assert not lines.by_key and job.line is None
