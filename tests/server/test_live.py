"""What is true only now: the latest counts, older attempts do not, ends clear it away."""

from __future__ import annotations

from rota.core.job import AttemptRef
from rota.core.lifecycle import State
from rota.engine.records import TaskSaved
from rota.server.live import SAMPLES_MAX, Live, Progress, Sample


def sample(job: int, at: int, rss: int) -> Sample:
    """Return a measurement."""
    return (job, 0, 1, at, 1500, rss, 3, 4, 2)


def test_an_older_attempt_does_not_speak_for_a_newer() -> None:
    """Stale words are let fall."""
    live = Live()
    live.progressed(AttemptRef(1, 0, 2), Progress(2, 10, 5, 10, ""))
    live.progressed(AttemptRef(1, 0, 1), Progress(1, 11, 9, 10, ""))
    told = live.progress_of(1, 0)
    assert told is not None
    assert told.done == 5


def test_use_is_the_latest_and_the_peak_is_kept() -> None:
    """In the names of usage at the end."""
    live = Live()
    live.sampled([sample(1, 10, 900), sample(1, 20, 500)])
    use = live.use_of(1, 0)
    assert use is not None
    assert (use["rss"], use["max_rss"], use["cpu_s"], use["at"]) == (500, 900, 1.5, 20)


def test_what_ended_is_forgotten() -> None:
    """Also when it waits for another attempt."""
    live = Live()
    live.progressed(AttemptRef(1, 0, 1), Progress(1, 10, 5, 10, ""))
    live.sampled([sample(1, 10, 900)])
    row = TaskSaved(1, 0, State.RUNNING, 1, None, {}, 0, None, None, None, None, None)
    live.committed([row])
    assert live.progress_of(1, 0)
    live.committed([row._replace(state=State.QUEUED)])
    assert live.progress_of(1, 0) is None
    assert live.use_of(1, 0) is None


def test_measurements_wait_for_the_store_within_bounds() -> None:
    """They are handed over once; too many are dropped, and counted."""
    live = Live()
    live.sampled([sample(1, n, 1) for n in range(SAMPLES_MAX + 5)])
    assert live.measured.is_set()
    assert len(live.take_samples()) == SAMPLES_MAX
    assert live.dropped == 5
    assert not live.measured.is_set()
    assert live.take_samples() == []


def test_who_uses_no_cpu_for_ten_minutes_is_idle() -> None:
    """A warning that goes away with the first work; another attempt begins anew."""
    live = Live()

    def looked(minute: int, cpu_ms: int, n: int = 1) -> bool:
        live.sampled([(1, 0, n, minute * 60_000, cpu_ms, 1, 0, 0, 1)])
        return live.is_idle(1, 0)

    assert not looked(1, 5_000)
    assert not looked(10, 5_100)
    assert looked(11, 5_200)
    assert not looked(12, 60_000)
    assert [looked(21, 60_000), looked(22, 60_000)] == [False, True]
    assert not looked(23, 0, n=2)
    assert not live.is_idle(2, 0)
