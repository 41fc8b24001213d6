"""Pools in the mind: started for what waits, given back when idle, drained, removed."""

from __future__ import annotations

from rota.core.errors import Conflict, Missing, NotAllowed
from rota.core.pool import Pool
from rota.core.resources import Request
from rota.engine.events import PoolAsked
from rota.engine.pilots import END_MS
from tests.engine.drive import BOB, array, job, why
from tests.engine.launching import Pilots, row


def test_nothing_is_started_for_nothing() -> None:
    """A pool without work costs nothing."""
    drive = Pilots()
    drive.later()
    assert drive.launches == []


def test_what_waits_starts_as_many_as_it_needs() -> None:
    """Three tasks of one core: two pilots of two cores, and never more than max."""
    drive = Pilots(most=5)
    drive.submit(array(3))
    drive.later()
    assert [launch.marker for launch in drive.launches] == [
        "rota-here-big-1", "rota-here-big-2",
    ]  # fmt: skip
    assert why(drive, 1) == ("pool_starting", "pool big is starting 2 agents")
    drive.later()
    assert len(drive.launches) == 2
    drive.submit(array(100))
    drive.later()
    assert len(drive.launches) == 5


def test_the_intent_is_on_disk_before_the_command_runs() -> None:
    """Remember, then tell: a server that dies between the two knows the number."""
    drive = Pilots()
    drive.submit()
    drive.later()
    assert drive.ledger.pilots["big", 1].state == "asked"
    assert drive.ledger.pools["big"].next_n == 2


def test_nothing_is_started_for_what_could_not_run_there() -> None:
    """Too large, held, or limited otherwise: no pilot helps."""
    drive = Pilots(time_ms=60_000)
    drive.join("n1", cores=4)
    drive.submit(job(request=Request(cores=4)), job(request=Request(cores=4)))
    drive.submit(job(held=True), job(request=Request(cores=4, time_ms=120_000)))
    drive.later()
    assert drive.launches == []


def test_a_pool_counts_for_whether_something_could_ever_run() -> None:
    """Impossible is not unavailable: what a pool could bring is not refused."""
    drive = Pilots()
    drive.join("n1", cores=1)
    assert drive.submit(job(request=Request(cores=2))).error is None
    refused = drive.submit(job(request=Request(cores=3))).error
    assert refused is not None
    refused = drive.submit(job(request=Request(pool="bug"))).error
    assert refused is not None
    assert "there is no pool bug; did you mean big?" in str(refused)


def test_a_job_may_ask_for_a_pool() -> None:
    """Other nodes are not its nodes."""
    drive = Pilots()
    drive.join("n1", cores=4)
    drive.submit(job(request=Request(pool="big")))
    drive.later()
    assert len(drive.launches) == 1
    drive.up()
    assert drive.runs() == [(1, 0, 1)]


def test_an_idle_pilot_is_given_back_down_to_min() -> None:
    """After its idle time, and only then."""
    drive = Pilots(idle_ms=5_000, least=1)
    drive.submit(array(4))
    drive.later()
    drive.up(1)
    drive.up(2)
    for index in range(4):
        drive.finish(1, index, node="big-1" if index < 2 else "big-2")
    drive.later(4_000)
    assert drive.cancelled == []
    for _ in range(3):
        drive.later(3_000)
    assert len(drive.cancelled) == 1


def test_a_refusing_system_is_left_alone_for_a_while() -> None:
    """The reason is what a user gets to read; each failure makes the pause longer."""
    drive = Pilots()
    drive.submit()
    drive.later()
    drive.refused(1, "sbatch: invalid partition")
    assert why(drive, 1) == (
        "pool_backoff",
        "pool big backs off: sbatch: invalid partition",
    )
    drive.later()
    assert len(drive.launches) == 1
    drive.later(10_000)
    assert len(drive.launches) == 2
    drive.refused(2)
    drive.later(11_000)
    assert len(drive.launches) == 2
    drive.later(10_000)
    drive.up(3)
    assert (drive.pool.failures, drive.pool.trouble) == (0, None)


def test_what_would_not_end_in_time_goes_elsewhere() -> None:
    """A limit longer than what is left of the pilot; what has none may well be short."""
    drive = Pilots(time_ms=100_000, most=1)
    drive.submit(job(request=Request(time_ms=60_000)))
    drive.later()
    drive.launched()
    drive.come(ends_in_ms=50_000)
    assert drive.runs() == []
    drive.submit()
    assert drive.runs() == [(2, 0, 1)]
    drive.finish(2, node="big-1")
    drive.tick(drive.at + 50_000 - END_MS)
    drive.later()
    drive.submit()
    assert drive.runs() == []


def test_another_is_started_before_the_first_has_ended() -> None:
    """So that nobody waits for the change of shifts."""
    drive = Pilots(time_ms=1_000_000, most=1)
    drive.submit(array(10))
    drive.later()
    drive.launched()
    drive.come(ends_in_ms=1_000_000)
    drive.later(850_000)
    assert len(drive.launches) == 1
    drive.later(60_000)
    assert len(drive.launches) == 2


def test_a_drained_pool_ends_in_peace() -> None:
    """What runs goes on; who has nothing to do goes; nothing new is started."""
    drive = Pilots()
    drive.submit(array(3))
    drive.later()
    drive.up(1)
    drive.launched(2)
    drive.ask_pool("drain")
    drive.later()
    assert drive.cancelled == ["20"]
    drive.finish(1, 0, node="big-1")
    drive.finish(1, 1, node="big-1")
    drive.ask_pool("undrain")
    drive.later()
    assert drive.pool.pool.drained is None


def test_remove_cancels_pilots_and_returns_their_tasks() -> None:
    """Once their system says that they ended; then the pool is gone, not its numbers."""
    drive = Pilots()
    drive.submit(array(2))
    drive.later()
    drive.up()
    drive.start(1, 0, node="big-1")
    drive.ask_pool("remove")
    drive.later()
    assert drive.cancelled == ["10"]
    assert drive.ask_pool("add", Pool("big", "slurm")).error is not None
    drive.leave("big-1", session=101)
    drive.listed(row(1, "ended"))
    assert drive.counts(1) == {"queued": 1, "held": 1} or drive.counts(1) == {"queued": 2}
    drive.later()
    assert drive.mind.memory.pools == {}
    assert "big-1" not in drive.mind.memory.nodes
    drive.ask_pool("add", Pool("big", "slurm", cores=2))
    drive.later(20_000)
    assert drive.launches[-1].n == 2


def test_what_could_not_be_started_again_keeps_its_pilot() -> None:
    """Removing a pool does not fail jobs that must not run twice."""
    drive = Pilots()
    drive.submit(job(restartable=False))
    drive.later()
    drive.up()
    drive.start(1, node="big-1")
    drive.ask_pool("remove")
    drive.later()
    assert drive.cancelled == []
    drive.finish(1, node="big-1")
    drive.later()
    assert drive.cancelled == ["10"]


def test_refusals() -> None:
    """Who may not; what is not there; what is there already."""
    drive = Pilots()
    denied = drive.reply(drive.tell(PoolAsked(drive.at, BOB, "drain", "big"))).error
    assert isinstance(denied, NotAllowed)
    assert isinstance(drive.ask_pool("drain", name="bog").error, Missing)
    assert isinstance(drive.ask_pool("add", Pool("big", "pbs")).error, Conflict)


def test_pools_of_the_file_come_and_go_with_it() -> None:
    """They are changed there, and only there."""
    drive = Pilots()
    drive.configure(pools={"far": Pool("far", "pbs", cores=1)})
    assert isinstance(drive.ask_pool("remove", name="far").error, Conflict)
    drive.configure(pools={})
    drive.later()
    assert set(drive.mind.memory.pools) == {"big"}


def test_min_is_kept_without_any_work() -> None:
    """Somebody wants them warm."""
    drive = Pilots(least=1)
    drive.later()
    assert len(drive.launches) == 1
