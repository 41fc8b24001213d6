"""A virtual node keeps the promises that a real agent and its shepherds keep."""

from __future__ import annotations

from rota.core.account import User
from rota.core.job import AttemptRef, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Grant, Node
from rota.engine.events import Declined, Finished, Forget, Kill, Run, Started
from rota.sim.nodes import VirtualNode

GRANT = (Grant("n1", (0,)),)
SPEC = JobSpec(argv=("x",))


def node(duration: int = 100) -> VirtualNode:
    """Return a connected node whose attempts all run so long and end well."""
    made = VirtualNode(Node("n1", (0, 1), 1), lambda ref: (duration, 0), 1_000)
    made.hello(0, 1)
    return made


def run(*tasks: tuple[int, int], alloc: int = 1) -> Run:
    """Return an order to run (index, attempt) … of job 1."""
    placed = tuple((index, n, 0) for index, n in tasks)
    return Run("n1", alloc, 1, SPEC, User("ann"), GRANT, placed)


def test_the_tasks_of_a_strip_run_one_after_another() -> None:
    """The second starts at the instant the first ends."""
    made = node()
    made.run(run((0, 1), (1, 1)), 0)
    made.pass_time(100)
    kinds = [(type(r).__name__, r.attempt.task) for r in made.outbox]
    assert kinds == [("Started", 0), ("Finished", 0), ("Started", 1)]


def test_g07_an_old_number_is_declined_and_a_repeated_order_is_not() -> None:
    """Attempt numbers only grow; the same order twice is one order."""
    made = node()
    made.run(run((0, 2)), 0)
    made.run(run((0, 2)), 0)
    assert [type(r) for r in made.outbox] == [Started]
    made.run(run((0, 1), alloc=2), 0)
    assert made.outbox[-1] == Declined(AttemptRef(1, 0, 1), reason("returned"))


def test_what_ended_is_reported_until_it_is_forgotten() -> None:
    """A lost link loses no result."""
    made = node()
    made.run(run((0, 1)), 0)
    made.drop_link(50)
    made.pass_time(100)
    assert not made.outbox
    hello = made.hello(200, 2)
    assert [hold.phase for hold in hello.holds] == ["ended"]
    assert [type(r) for r in made.outbox] == [Finished]
    made.forget(Forget("n1", (AttemptRef(1, 0, 1),)))
    assert not made.hello(300, 3).holds


def test_a_kill_ends_what_runs_and_declines_what_waits_or_is_still_to_come() -> None:
    """A kill that overtakes its order is remembered."""
    made = node()
    made.run(run((0, 1), (1, 1)), 0)
    why = reason("killed", who="ann")
    made.kill(Kill("n1", AttemptRef(1, 1, 1), 0, why), 10)
    made.kill(Kill("n1", AttemptRef(1, 0, 1), 0, why), 10)
    assert [type(r) for r in made.outbox] == [Started, Declined, Finished]
    made.kill(Kill("n1", AttemptRef(1, 7, 3), 0, why), 10)
    made.run(run((7, 3), alloc=9), 20)
    assert not made.executing()


def test_g07_the_node_itself_ends_a_job_whose_lease_is_over() -> None:
    """Without a word from the server for longer than the lease."""
    made = node(duration=10_000)
    made.run(run((0, 1)), 0)
    made.drop_link(0)
    made.pass_time(1_000)
    assert made.executing()
    made.pass_time(1_001)
    assert not made.executing()


def test_a_reboot_leaves_nothing_but_another_boot() -> None:
    """What ran is gone; the next hello says so."""
    made = node()
    made.run(run((0, 1)), 0)
    before = made.hello(1, 2).boot
    made.reboot(50)
    hello = made.hello(60, 3)
    assert hello.boot != before and not hello.holds and not made.executing()
