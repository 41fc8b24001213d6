"""What is owed to whom, and in what words."""

from __future__ import annotations

from typing import Any

from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.reasons import Reason
from rota.server.notices import Failures, after_telling, owed, written
from rota.server.outbox import Told

EVERYTHING = {"ann@example.org": "start,end,fail,digest", "lab": "fail"}


def row(state: str, *, tasks: int = 0, **counts: int) -> dict[str, Any]:
    """Return the row of a job in *state*; an array when it has *tasks*."""
    array = Array(IndexSet([(0, tasks - 1)])) if tasks else None
    is_over = state in ("done", "failed", "cancelled")
    spec = JobSpec(argv=("sim",), name="fit", array=array, notify=EVERYTHING)
    return {
        "id": 12, "spec": spec, "user": "ann", "state": state, "counts": counts,
        "submitted_at": 1_000, "started_at": 61_000 if state != "queued" else None,
        "ended_at": 121_000 if is_over else None,
        "reason": Reason("exit_code", "ended with exit code 3") if is_over else None,
        "usage": {"cpu_s": 30.0, "max_rss": 1 << 20}, "node": "n1",
    }  # fmt: skip


def whats(found: dict[str, Any], told: Told, *, at: int = 10**6) -> list[str]:
    """Return the kinds that are owed."""
    return [one.what for one in owed(found, told, at=at, digest_ms=0)]


def test_each_is_told_once() -> None:
    """A start, then an end; told again they are not."""
    told = Told()
    assert whats(row("queued"), told) == []
    running = row("running", running=1)
    assert whats(running, told) == ["start"]
    told = after_telling(running, told, at=5, whats=["start"])
    assert whats(running, told) == []
    failed = row("failed", failed=1)
    [end] = owed(failed, told, at=9, digest_ms=0)
    assert end == ("end", 121_000, ("ann@example.org", "lab"))
    told = after_telling(failed, told, at=9, whats=["end"])
    assert whats(failed, told) == []


def test_a_job_that_runs_again_ends_again() -> None:
    """A rerun is told of like the first."""
    told = Told(started_at=61_000, ended_at=5)
    again = row("running", running=1)
    told = after_telling(again, told, at=6, whats=[])
    assert whats(row("done", done=1), told) == ["end"]


def test_an_array_tells_of_its_first_failure_and_of_quarters() -> None:
    """One failure of a thousand is told at once, the next ones with the digest."""
    told = Told(started_at=61_000)
    early = row("running", tasks=100, done=20, failed=1, running=79)
    assert whats(early, told) == ["fail"]
    told = after_telling(early, told, at=7, whats=["fail"])
    later = row("running", tasks=100, done=20, failed=5, running=75)
    assert whats(later, told) == ["digest"]
    told = after_telling(later, told, at=8, whats=["digest"])
    assert told.quarter == 1 and whats(later, told) == []
    half = row("running", tasks=100, done=50, running=50)
    assert [o.what for o in owed(half, told, at=9, digest_ms=1000)] == []


def test_the_words_of_an_array() -> None:
    """How much is done, how much failed, in how many groups."""
    groups = [Failures(2, "ended with exit code 3", "1,5"), Failures(1, "killed", "7")]
    ended = row("failed", tasks=150, done=147, failed=3)
    notice = written("end", ended, at=10**6, tails={}, groups=groups)
    fate = "failed, 98 % of 150 tasks done, 3 failures in 2 groups"
    assert notice["subject"] == f"job 12 fit: {fate}"
    assert "2 × ended with exit code 3 (tasks 1,5)" in notice["text"]
    assert "rota errors 12" in notice["text"]


def test_the_words_of_a_job() -> None:
    """Waiting apart from running, use, the tail of its output, what to type."""
    notice = written(
        "end", row("failed", failed=1), at=10**6, tails={"stderr": "no licence"}, groups=()
    )
    assert notice["subject"] == "job 12 fit: failed: ended with exit code 3"
    for words in ("waited     1m", "ran        1m", "1 MiB", "  no licence", "rota log 12"):
        assert words in notice["text"]
    assert notice["job"]["wait_s"] == 60.0 and notice["job"]["run_s"] == 60.0
