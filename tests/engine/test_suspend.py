"""Attempts that stand still: nothing is lost between what is wanted and what is so."""

from __future__ import annotations

from rota.core.job import AttemptRef
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.events import Finished, Holding, Kill, Suspended
from tests.engine.drive import Drive, job
from tests.engine.test_running import REF, orders, running


def held(drive: Drive) -> tuple[Holding, ...]:
    """What a node says that still has the attempt."""
    return (Holding(REF, "running", drive.at),)


def test_a_wish_survives_a_node_that_is_away_and_a_server_that_dies() -> None:
    """It is on disk before the node hears of it."""
    drive = running()
    drive.leave()
    drive.ask("suspend", 1)
    assert orders(drive) == []
    drive.restart()
    drive.join(session=2, holds=held(drive))
    assert orders(drive) == [(REF, True)]
    drive.report(Suspended(REF, True))
    assert drive.state(1) == "suspended"


def test_a_suspended_job_is_suspended_after_a_restart() -> None:
    """It holds what it held, and the node is told again what is wanted."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job())
    drive.start(1)
    drive.ask("suspend", 1)
    drive.report(Suspended(REF, True))
    drive.restart()
    drive.join(cores=1, session=2, holds=held(drive))
    assert (drive.state(1), drive.runs()) == ("suspended", [])
    assert orders(drive) == [(REF, True)]


def test_a_lost_word_of_going_on_is_found() -> None:
    """The order never arrived: the node still says it stands still, and is told again."""
    drive = running()
    drive.ask("suspend", 1)
    drive.leave()
    drive.ask("resume", 1)
    drive.join(session=2, holds=held(drive))
    assert orders(drive) == [], "it was never seen standing still"
    drive.report(Suspended(REF, True))
    assert (orders(drive), drive.state(1)) == ([(REF, False)], "running")
    drive.report(Suspended(REF, False))
    assert (orders(drive), drive.state(1)) == ([], "running")


def test_a_suspended_job_can_be_killed_and_can_end() -> None:
    """The kill is what counts from then on, whatever its node says of standing still."""
    drive = running()
    drive.ask("suspend", 1)
    drive.report(Suspended(REF, True))
    drive.ask("kill", 1)
    assert [e.attempt for e in drive.effects if isinstance(e, Kill)] == [REF]
    drive.report(Suspended(REF, True))
    assert (orders(drive), drive.state(1)) == ([], "suspended")
    drive.finish(1, code=None, signal=15, why=reason("killed", who="ann"))
    assert drive.state(1) == "cancelled"


def test_a_job_that_ended_before_it_could_stand_still_has_ended() -> None:
    """Its exit code counts (G11)."""
    drive = running()
    drive.ask("suspend", 1)
    drive.finish(1)
    assert drive.state(1) == "done"


def test_the_time_it_stood_still_counts_towards_nothing() -> None:
    """Not to its limit, as a round sees it, nor to how long such jobs run."""
    drive = Drive()
    drive.join()
    drive.submit(job(request=Request(time_ms=60_000)))
    drive.start(1)
    placed = drive.at
    drive.ask("suspend", 1)
    drive.report(Suspended(REF, True))
    assert snapshot_ends(drive) == [None], "nobody knows when it goes on"
    drive.at += 500_000
    drive.ask("resume", 1)
    drive.report(Suspended(REF, False))
    assert snapshot_ends(drive) == [placed + 560_000]
    drive.restart()
    assert snapshot_ends(drive) == [placed + 560_000]
    drive.join(session=2, holds=held(drive))
    ended = Finished(
        REF, placed, drive.at + 1_000, 0, None, reason("ok", code=0), {"suspended_s": 500}
    )
    live = drive.mind.memory.jobs[1]
    drive.report(ended)
    assert live.mean_ms == 1_000


def snapshot_ends(drive: Drive) -> list[int | None]:
    """Return when a round believes that what runs has ended."""
    from rota.engine.assign import snapshot_of

    return [r.ends_by for r in snapshot_of(drive.mind.memory, drive.at).running]


def test_an_attempt_lost_while_it_stood_still_runs_again() -> None:
    """Under the next number, and it runs: nobody wants that one to stand still."""
    drive = running()
    drive.ask("suspend", 1)
    drive.report(Suspended(REF, True))
    drive.join(boot="b2", session=2)
    drive.tick(drive.at + 60_000)
    assert drive.runs() == [(1, 0, 2)]
    drive.start(1, n=2)
    assert (drive.state(1), drive.mind.flags_of(1)) == ("running", [])
    assert drive.report(Suspended(AttemptRef(1, 0, 1), True)) == []
