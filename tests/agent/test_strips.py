"""Strips: one after another, recalled, refused, told once."""

from __future__ import annotations

from pathlib import Path

from tests.agent.server import Node


def test_a_strip_runs_in_order_one_at_a_time(shared: Node) -> None:
    """Tasks of an allocation never overlap."""
    job = next(shared.jobs)
    log = shared.folder / f"order.{job}"
    text = f'echo "+$ROTA_TASK_ID" >> {log}; echo "-$ROTA_TASK_ID" >> {log}'
    shared.run(job, [[i, 1, None] for i in range(20)], command=text)
    shared.finished(job, 19)
    assert log.read_text().split() == [f"{sign}{i}" for i in range(20) for sign in "+-"]


def test_recall_gives_back_what_has_not_started(shared: Node) -> None:
    """All but the running one come back, and may run elsewhere under another number."""
    job = next(shared.jobs)
    shared.run(job, [[i, 1, None] for i in range(4)], command="sleep 60")
    shared.wait("started", job, 0)
    shared.server.tell({"t": "recall", "alloc": shared._alloc})
    for task in (1, 2, 3):
        assert shared.wait("declined", job, task)["reason"]["code"] == "returned"
    shared.kill(job, grace_ms=0)
    assert shared.finished(job)["reason"]["code"] == "killed"


def test_stale_and_double_numbers_are_refused(shared: Node) -> None:
    """A number not larger than one seen never runs again (G07)."""
    job = next(shared.jobs)
    count = shared.folder / f"count.{job}"
    shared.run(job, [[0, 2, None]], command=f"echo x >> {count}")
    shared.finished(job, 0, 2)
    shared.run(job, [[0, 1, None]], command=f"echo x >> {count}")
    assert shared.wait("declined", job, 0, 1)["reason"]["code"] == "returned"
    shared.run(job, [[0, 2, None]], command=f"echo x >> {count}")
    assert shared.wait("declined", job, 0, 2)["reason"]["evidence"]["stale"]
    shared.run(job, [[0, 3, None]], command=f"echo x >> {count}")
    shared.finished(job, 0, 3)
    assert count.read_text() == "x\nx\n"


def test_the_same_order_twice_runs_once(shared: Node) -> None:
    """A server that lost an answer may repeat itself."""
    job = next(shared.jobs)
    order = shared.order(job, None, alloc=job, command="sleep 60")
    shared.server.tell(order, order)
    shared.wait("started", job)
    shared.server.tell(order)
    shared.kill(job, grace_ms=0)
    shared.finished(job)
    assert shared.seen("declined", job) is None


def test_unknown_spec_is_given_back(shared: Node) -> None:
    """An order without a spec the agent knows is declined, not lost."""
    job = next(shared.jobs)
    order = shared.order(job, None, alloc=job, argv=["true"])
    del order["spec"]
    shared.server.tell(order)
    assert shared.wait("declined", job)["reason"]["evidence"] == {"spec": "unknown"}


def test_a_spec_is_sent_once_for_an_array(shared: Node) -> None:
    """The second strip of an array comes without its spec."""
    job = next(shared.jobs)
    shared.run(job, [[0, 1, None]], argv=["echo", "{task}"])
    order = shared.order(job, [[1, 1, None]], alloc=job, argv=["echo", "{task}"])
    del order["spec"]
    shared.server.tell(order)
    shared.finished(job, 1)
    assert shared.output(job, 1) == "1\n"


def test_nothing_is_left_of_a_strip(shared: Node, tmp_path: Path) -> None:
    """Its folder under tmp goes when it is done."""
    job = next(shared.jobs)
    shared.run(job, [[0, 1, None]], script="touch $TMPDIR/x; echo 1 / 2 > $ROTA_PROGRESS\n")
    shared.finished(job)
    left = [path for path in (shared.home / "tmp").rglob("*") if path.is_file()]
    assert {path.name for path in left} == {"hosts", "hosts.openmpi", "hosts.mpich"}


def test_a_strip_may_be_made_longer(shared: Node) -> None:
    """More tasks for the same allocation: still one at a time, and its folder stays."""
    job, alloc = next(shared.jobs), 7_000_000
    log = shared.folder / f"order.{job}"
    text = f'cd "$TMPDIR" && echo "+$0" >> {log}; sleep 0.01; echo "-$0" >> {log}'
    for first in range(0, 60, 3):
        tasks = [[index, 1, None] for index in range(first, first + 3)]
        argv = ["sh", "-c", text, "{task}"]
        shared.server.tell(shared.order(job, tasks, alloc=alloc, argv=argv))
    shared.finished(job, 59)
    assert log.read_text().split() == [f"{sign}{i}" for i in range(60) for sign in "+-"]


def test_a_longer_strip_may_come_with_another_spec(shared: Node) -> None:
    """The job was edited in between: each task runs as it was ordered."""
    job, alloc = next(shared.jobs), 8_000_000
    slow = "sleep 0.3; echo a\n"
    first = shared.order(job, [[0, 1, None], [1, 1, None]], alloc=alloc, script=slow)
    second = shared.order(job, [[2, 1, None]], alloc=alloc, script="echo b\n")
    shared.server.tell(first, {**second, "spec_version": 2})
    shared.finished(job, 2)
    assert [shared.output(job, task) for task in range(3)] == ["a\n", "a\n", "b\n"]


def test_what_is_recalled_before_it_is_on_disk(shared: Node) -> None:
    """An order, its recall and a kill in one breath: all of it comes back, none starts."""
    job, alloc = next(shared.jobs), 9_000_000
    order = shared.order(job, [[i, 1, None] for i in range(3)], alloc=alloc, argv=["true"])
    kill = {"t": "kill", "a": [job, 0, 1], "grace_ms": 0,
            "reason": {"code": "killed", "text": "x"}}  # fmt: skip
    shared.server.tell(order, kill, {"t": "recall", "alloc": alloc})
    assert shared.wait("declined", job, 0)["reason"]["code"] == "killed"
    assert shared.wait("declined", job, 2)["reason"]["code"] == "returned"
    shared.ran(argv=["true"])
    assert not shared.seen("finished", job, 0) and not shared.seen("finished", job, 1)
