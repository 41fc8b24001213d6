"""What will be when, as a round of conservative backfill would promise it."""

from __future__ import annotations

from rota.core.resources import Request
from rota.engine.timeline import timeline
from tests.engine.drive import Drive, array, job

HOUR = 3_600_000


def test_who_waits_stands_where_others_end() -> None:
    """Behind what runs, in the round's own order; asking changes nothing."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(job(request=Request(cores=2, time_ms=HOUR)))
    for limit in (3, 2):
        drive.submit(job(request=Request(cores=2, time_ms=limit * HOUR)))
    found = timeline(drive.mind.memory, at=drive.at)
    (run,) = found.running
    assert (run.job, found.names[1]) == (1, "true")
    first, second = found.coming
    assert first.at == run.ends_by
    assert first.lasts_ms is not None and second.at == run.ends_by + first.lasts_ms
    drive.finish(1)
    assert drive.runs() == [(first.job, 0, 1)]


def test_what_nothing_bounds_is_told_so() -> None:
    """A job without a limit: who waits for it has no latest start."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(job(request=Request(cores=2)))
    drive.submit(array(3, request=Request(cores=2, time_ms=HOUR)))
    (coming,) = timeline(drive.mind.memory, at=drive.at).coming
    assert (coming.job, coming.at) == (2, None)
