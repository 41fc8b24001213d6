"""A job stands still and goes on: every process of it, and its clock; it can be ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rota.agent import procfs
from tests.agent.server import Node, until

# A parent, a child in a session of its own, and a grandchild: all of them must stop.
TREE = (
    "python3 -c 'import os,time\n"
    "for _ in range(2):\n"
    "    if os.fork() == 0: os.setsid()\n"
    'open("{log}.%d" % os.getpid(), "w").close()\n'
    "time.sleep(600)'"
)


def suspended(node: Node, job: int, *, on: bool) -> Any:
    """Return the last word on whether *job* stands still, once it says *on*."""
    return node.server.until(
        lambda told: next(
            (
                m
                for m in told
                if m["t"] == "suspended" and m["a"][0] == job and m["on"] is on
            ),
            None,
        ),
        f"suspended {on} of {job}",
    )


def suspend(node: Node, job: int, *, on: bool) -> None:
    """Order it."""
    node.server.tell({"t": "suspend", "a": [job, 0, 1], "on": on})


def states(pids: list[int]) -> set[str]:
    """Return the states of those of *pids* that are there."""
    return {facts.state for pid in pids if (facts := procfs.facts_of(pid))}


def family(node: Node, job: int, log: Path) -> list[int]:
    """Start a tree of processes, and return its pids once all are there."""
    node.run(job, command=TREE.replace("{log}", str(log)))
    node.wait("started", job)
    until(lambda: len(list(log.parent.glob(f"{log.name}.*"))) == 4, "the family")
    return [int(path.suffix[1:]) for path in log.parent.glob(f"{log.name}.*")]


def test_all_of_a_job_stands_still_and_goes_on(shared: Node) -> None:
    """Children that left its session too; what is asked twice is told twice."""
    job = next(shared.jobs)
    pids = family(shared, job, shared.folder / f"tree.{job}")
    suspend(shared, job, on=True)
    suspended(shared, job, on=True)
    assert states(pids) == {"T"}
    suspend(shared, job, on=False)
    suspended(shared, job, on=False)
    until(lambda: states(pids) == {"S"}, "all go on")
    shared.kill(job, grace_ms=0)
    shared.finished(job)
    assert states(pids) <= {"Z"}


def test_a_kill_wakes_what_stands_still(shared: Node) -> None:
    """TERM is heard at once: no grace is waited for, nobody stays behind."""
    job = next(shared.jobs)
    pids = family(shared, job, shared.folder / f"tree.{job}")
    suspend(shared, job, on=True)
    suspended(shared, job, on=True)
    shared.kill(job, grace_ms=600_000)
    ended = shared.finished(job)
    assert ended["reason"]["code"] == "killed" and ended["usage"]["suspended_s"] >= 0
    assert states(pids) <= {"Z"}


def test_the_time_limit_does_not_count_while_it_stands_still(shared: Node) -> None:
    """It ran for its limit, and stood still for longer than that."""
    job, watch = next(shared.jobs), next(shared.jobs)
    shared.run(job, command="exec sleep 600", time_ms=1_500, grace_ms=0)
    shared.wait("started", job)
    suspend(shared, job, on=True)
    suspended(shared, job, on=True)
    # Another job with the same limit, begun later, runs into it; this one does not.
    shared.run(watch, command="exec sleep 600", time_ms=1_500, grace_ms=0)
    assert shared.finished(watch)["reason"]["code"] == "time_limit"
    assert shared.seen("finished", job) is None
    suspend(shared, job, on=False)
    ended = shared.finished(job)
    assert ended["reason"]["code"] == "time_limit"
    assert ended["usage"]["suspended_s"] > 1.4


def test_those_behind_it_in_its_strip_are_given_back(shared: Node) -> None:
    """They need not wait for it."""
    job = next(shared.jobs)
    shared.run(job, [[i, 1, None] for i in range(3)], command="exec sleep 600")
    shared.wait("started", job, 0)
    suspend(shared, job, on=True)
    for task in (1, 2):
        assert shared.wait("declined", job, task)["reason"]["code"] == "returned"
    shared.kill(job, grace_ms=0)
    shared.finished(job)


def test_a_killed_agent_finds_it_standing_still(own: Node) -> None:
    """And says so to the server, which may not have heard."""
    job = next(own.jobs)
    own.run(job, command="exec sleep 600")
    own.wait("started", job)
    suspend(own, job, on=True)
    suspended(own, job, on=True)
    with own.server.changed:
        own.server.told.clear()
    own.kill_agent()
    own.start()
    suspended(own, job, on=True)
    own.kill(job, grace_ms=0)
    own.finished(job)


def test_a_signal_goes_to_who_catches_it_else_to_all(shared: Node) -> None:
    """A shell around a program does not die of what is meant for the program."""
    job, plain = next(shared.jobs), next(shared.jobs)
    got = shared.folder / f"got.{job}"
    catch = (
        "import signal,time\n"
        f"signal.signal(signal.SIGUSR1, lambda *_: open({str(got)!r}, 'w').close())\n"
        f"open({str(got) + '.ready'!r}, 'w').close()\n"
        "time.sleep(600)"
    )
    shared.run(job, command=f'python3 -c "{catch}"; true')
    until(got.with_name(got.name + ".ready").exists, "it catches")
    shared.server.tell({"t": "signal", "a": [job, 0, 1], "signal": "USR1"})
    until(got.exists, "it caught")
    assert shared.seen("finished", job) is None
    shared.kill(job, grace_ms=0)
    shared.finished(job)
    shared.run(plain, command="exec sleep 600")
    shared.wait("started", plain)
    shared.server.tell({"t": "signal", "a": [plain, 0, 1], "signal": "USR1"})
    assert shared.finished(plain)["sig"] == 10


def test_a_kill_may_begin_with_another_signal(shared: Node) -> None:
    """Who catches it saves its work and ends by itself, with an exit code of its own."""
    job, plain = next(shared.jobs), next(shared.jobs)
    ready = shared.folder / f"ready.{job}"
    catch = (
        "import signal,sys,time\n"
        "signal.signal(signal.SIGUSR2, lambda *_: sys.exit(85))\n"
        f"open({str(ready)!r}, 'w').close()\n"
        "time.sleep(600)"
    )
    shared.run(job, command=f'exec python3 -c "{catch}"')
    shared.run(plain, command="exec sleep 600")
    until(ready.exists, "it catches")
    shared.wait("started", plain)
    why = {"code": "preempted", "text": "for job 9"}
    for number in (job, plain):
        order = {"t": "kill", "a": [number, 0, 1], "grace_ms": 600_000, "reason": why}
        shared.server.tell({**order, "signal": "USR2"})
    assert shared.finished(job)["exit"] == 85
    assert shared.finished(plain)["sig"] == 15, "nobody caught it: TERM, as ever"
