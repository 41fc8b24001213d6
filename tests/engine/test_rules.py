"""What queues, limits and licences refuse, and when."""

from __future__ import annotations

from typing import Any

from rota.core.errors import Malformed
from rota.core.resources import Request
from rota.sched.limits import Limit
from rota.sched.problem import QueueRule, Window
from rota.sched.rules import Queue
from tests.engine.drive import BOB, Drive, array, job, ruled, why


def complaints(drive: Drive, *specs: Any, **more: Any) -> list[str]:
    """Return what is complained about a submission."""
    error = drive.submit(*specs, **more).error
    assert isinstance(error, Malformed)
    return [str(complaint) for complaint in error.complaints]


def licensed(count: int, **more: Any) -> Any:
    """Return a job that wants so many licences."""
    return job(request=Request(licences=(("abaqus", count),)), **more)


def test_a_licence_that_nobody_declared_is_refused() -> None:
    """And so is more than there is."""
    drive = ruled(licences={"abaqus": 5})
    assert complaints(drive, job(request=Request(licences=(("abacus", 1),)))) == [
        "licences: nobody declared a licence abacus; did you mean abaqus?"
    ]
    assert complaints(drive, licensed(6)) == [
        "licences: there are 5 of abaqus, 6 asked for; ask for at most 5"
    ]


def test_a_queue_that_is_not_there_is_refused() -> None:
    """The remedy lists those there are; ``default`` always is."""
    drive = ruled(queues={"short": Queue(), "long": Queue()})
    assert complaints(drive, job(queue="sort")) == [
        "queue: there is no queue sort; did you mean short? queues are default, long, short"
    ]
    assert drive.submit(job()).error is None


def test_what_a_queue_does_not_allow_is_refused_key_by_key() -> None:
    """Time, cores, memory and who."""
    short = Queue(users=("bob",), time_ms=60_000, cores=2, memory=1 << 30)
    drive = ruled(queues={"short": short})
    wide = Request(cores=3, memory=2 << 30, time_ms=120_000)
    assert complaints(drive, job(queue="short", request=wide)) == [
        "queue: ann may not use the queue short; it is for bob",
        "time: 2m00s is more than the queue short allows; "
        "ask for at most 1m00s, or take another queue",
        "cores: 3 is more than the queue short allows; "
        "ask for at most 2, or take another queue",
        "memory: 2 GiB is more than the queue short allows; "
        "ask for at most 1 GiB, or take another queue",
    ]
    assert complaints(drive, job(queue="short"), user=BOB) == [
        "time: the queue short lets nothing run without a limit; "
        "ask for at most 1m00s: --time 1m00s"
    ]


def test_an_edit_is_held_to_the_queue_too() -> None:
    """Else ``rota edit`` would be the way around it."""
    drive = ruled(queues={"short": Queue(cores=2)})
    drive.submit(job(queue="short", held=True))
    spec = job(queue="short", held=True, request=Request(cores=4))
    error = drive.ask("edit", 1, spec=spec).error
    assert error is not None
    assert "more than the queue short allows" in error.sentence


def test_the_weight_of_a_queue_orders() -> None:
    """Jobs of an urgent queue go before older ones."""
    drive = ruled(queues={"urgent": Queue(QueueRule(weight=-50.0))})
    drive.submit(job(request=Request(cores=4)))
    drive.submit(job(), job(queue="urgent"), job(request=Request(cores=4)))
    drive.finish(1)
    assert drive.runs()[0] == (3, 0, 1)


def test_a_user_has_no_more_than_a_limit_allows() -> None:
    """And is told which; others are not concerned."""
    drive = ruled(limits=(Limit("user", "*", cores=2),))
    drive.submit(array(4))
    assert len(drive.runs()) == 2
    code, text = why(drive, 1)
    assert code == "limit"
    assert "2 cores (2 in use, 1 asked for) for user ann" in text
    drive.submit(job(), user=BOB)
    assert drive.runs() == [(2, 0, 1)]


def test_who_names_no_account_is_charged_himself() -> None:
    """A limit of each account does not take all of them for one."""
    drive = ruled(limits=(Limit("account", "*", jobs=1),))
    drive.submit(job(), job())
    drive.submit(job(), user=BOB)
    drive.submit(job(account="project"))
    assert {alloc.job.id for alloc in drive.mind.memory.allocs.values()} == {1, 3, 4}
    assert "for account ann" in why(drive, 2)[1]


def test_a_reservation_is_kept_for_those_it_is_for() -> None:
    """Others end before it or wait; inside it, who names it alone; after it, everybody."""
    course = Window("course", 61_000, 121_000, None, "reservation", users=("ann",))
    drive = ruled(windows=(course,))
    inside = Request(cores=4, reservation="course", time_ms=60_000)
    drive.submit(job(request=inside))
    assert why(drive, 1)[0] == "reservation"
    drive.submit(job(request=Request(time_ms=60_000)), job(request=Request(time_ms=60_001)))
    assert drive.runs() == [(2, 0, 1)], "the other would run into it"
    drive.finish(2)
    drive.tick(61_000)
    assert drive.runs() == [(1, 0, 1)]
    drive.finish(1)
    assert drive.runs() == []
    drive.tick(121_000)
    assert drive.runs() == [(3, 0, 1)]


def test_a_reservation_by_count_keeps_a_node_and_another_when_that_is_lost() -> None:
    """Others may not run into it there, wherever it is."""
    course = Window("course", 61_000, 121_000, None, "reservation", ("ann",), count=1)
    drive = ruled(windows=(course,))
    drive.join("n2", cores=4)
    long = Request(cores=4, time_ms=90_000)
    drive.submit(job(request=long), job(request=long))
    [alloc] = drive.mind.memory.allocs.values()
    assert alloc.node == "n2" and why(drive, 2)[0] == "reservation"
    drive.leave("n1")
    drive.submit(job(request=Request(cores=4, reservation="course", time_ms=60_000)))
    drive.finish(1, node="n2")
    drive.tick(61_000)
    assert [alloc.node for alloc in drive.mind.memory.allocs.values()] == ["n2"]
    assert [alloc.job.id for alloc in drive.mind.memory.allocs.values()] == [3]
