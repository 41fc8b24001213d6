"""Agents run jobs of one account: a job is offered to no other, and why is told.

About rota.engine.lines and rota.sched.eligible.
"""

from __future__ import annotations

from rota.core.account import User
from rota.core.pool import Pool
from rota.engine.events import Launch, PoolAsked
from rota.engine.settings import Settings
from tests.engine.drive import ANN, Drive, job

BEN = User("ben", 1001)
CAROL = User("carol")
"""She has no account here: her jobs run under that of whichever agent takes them."""


def shared() -> Drive:
    """Return a mind whose server runs under ann's account."""
    assert ANN.uid is not None
    return Drive(settings=Settings(uid=ANN.uid))


def test_a_job_is_placed_where_its_user_has_an_agent() -> None:
    """And waits while there is none, however much room others have."""
    drive = shared()
    drive.join("anns", uid=ANN.uid, session=1)
    drive.submit(job(), user=BEN)
    drive.tick(drive.at + 1_000)
    why = drive.mind.reason_of(1)
    assert why is not None and why.code == "impossible_now"
    assert "runs jobs of ben: each agent runs those of its own account" in why.text
    assert "rota invite --mine" in why.text
    drive.join("bens", uid=BEN.uid, session=2)
    assert [alloc.node for alloc in drive.mind.memory.allocs.values()] == ["bens"]


def test_who_has_no_account_may_use_any_but_what_serves_one_user() -> None:
    """One's own agent takes one's own jobs, and those of nobody else at all."""
    drive = shared()
    drive.join("bens", serves="ben", session=1)
    drive.submit(job(), user=CAROL)
    drive.tick(drive.at + 1_000)
    assert not drive.mind.memory.allocs
    drive.submit(job(), user=BEN)
    drive.tick(drive.at + 1_000)
    assert [alloc.node for alloc in drive.mind.memory.allocs.values()] == ["bens"]
    drive.join("anns", uid=ANN.uid, session=2)
    placed = {a.job.id: a.node for a in drive.mind.memory.allocs.values()}
    assert placed == {1: "anns", 2: "bens"}


def test_whose_a_node_is_outlives_the_server() -> None:
    """It is closed until its agent is back, and then serves whom it served."""
    drive = shared()
    drive.join("bens", serves="ben", session=1)
    drive.restart()
    assert drive.mind.memory.nodes["bens"].node.serves == "ben"


def test_no_pilot_is_started_for_jobs_that_it_would_refuse() -> None:
    """Pilots run under the server's account."""
    drive = shared()
    big = Pool("big", "slurm", cores=2, most=2)
    drive.tell(PoolAsked(drive.at, ANN, "add", "big", big))
    drive.submit(job(), user=BEN)
    assert not any(isinstance(e, Launch) for e in drive.tick(drive.at + 2_000))
    drive.submit(job(), user=ANN)
    assert any(isinstance(e, Launch) for e in drive.tick(drive.at + 4_000))


def test_where_nobody_counts_accounts_all_are_alike() -> None:
    """A simulated server asks nobody who he is."""
    drive = Drive()
    drive.join("anns", uid=ANN.uid)
    drive.submit(job(), user=BEN)
    assert len(drive.mind.memory.allocs) == 1
