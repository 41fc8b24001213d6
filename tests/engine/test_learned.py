"""What is learned survives: at times while a server runs, all of it when it stops."""

from __future__ import annotations

from rota.core.resources import Request
from rota.engine.events import Tick
from rota.engine.learned import SAVE_MS, Learned
from tests.engine.drive import BOB, Drive, job, ruled

SPEC = job(request=Request(time_ms=3_600_000))


def ran(drive: Drive, id: int, run_ms: int) -> None:
    """Let a job run for so long."""
    drive.submit(SPEC, user=BOB)
    drive.at += run_ms
    drive.finish(id)


def test_run_times_and_waits_are_known_after_a_restart() -> None:
    """Also how much a waiting job was overtaken, and the longest wait."""
    drive = ruled()
    drive.submit(job(request=Request(cores=4), held=True))
    for id in (2, 3, 4):
        ran(drive, id, 60_000)
    drive.tell(Tick(drive.at, last=True))
    before = drive.mind.memory.tally
    asked = drive.mind.memory.jobs[1]
    overtaken = before.learned.overtaken.of(1)
    drive.restart()
    drive.join(cores=4, session=2)
    after = drive.mind.memory.tally
    assert after.learned.overtaken.of(asked.id) == overtaken > 0
    drive.submit(SPEC, user=BOB)
    assert 50_000 < after.expect(drive.mind.memory.jobs[5]).mean_ms < 100_000


def test_rows_are_written_now_and_then() -> None:
    """Not with each of a thousand ends."""
    learned = Learned()
    for n in range(1000):
        learned.runtimes.learn([("ann",), ("ann", "sim")], run_ms=n, limit_ms=None)
        learned.note()
        assert bool(learned.rows(SAVE_MS + n)) == (n == 0)
    assert len(learned.rows(3 * SAVE_MS)) == 4
    assert learned.rows(9 * SAVE_MS) == []
