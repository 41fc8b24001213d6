"""Retry by cause: more memory, longer, elsewhere, later; and what is not tried for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.job import REQUEUES_MAX, AttemptRef
from rota.core.reasons import Reason, reason
from rota.core.remedy import Remedy
from rota.core.resources import Request
from rota.engine.events import Declined, Run
from tests.engine.drive import Drive, array, job

GIB = 1 << 30
OOM = reason("oom", used="2 GiB", limit="1 GiB")
LATE = reason("time_limit", limit="10s")


def cluster(*nodes: str, cores: int = 1, memory: int = 8 * GIB) -> Drive:
    """Connected nodes of one size."""
    drive = Drive()
    for name in nodes or ("n1",):
        drive.join(name, cores=cores, memory=memory)
    return drive


def asked(drive: Drive) -> list[Request]:
    """What was told to run in the last step asks for."""
    return [effect.spec.request for effect in drive.effects if isinstance(effect, Run)]


def nodes(drive: Drive) -> list[str]:
    """Where the last step told something to run."""
    return [effect.node for effect in drive.effects if isinstance(effect, Run)]


def last_reason(drive: Drive, id: int) -> Reason:
    """Why the latest attempt of a job was queued again, or ended."""
    told = [row.reason for row in drive.ledger.history if row.job == id and row.reason]
    return told[-1]


def doubling(**more: Any) -> Mapping[str, Any]:
    """A job that gets twice the memory whenever it had too little."""
    return {
        "request": Request(memory=GIB), "retries": {"oom": 3},
        "remedies": {"oom": Remedy(memory=200, **more)},
    }  # fmt: skip


def test_out_of_memory_is_tried_again_with_more() -> None:
    """1 GiB, 2 GiB, 4 GiB; the node is told, and history says what was changed."""
    drive = cluster()
    drive.submit(job(**doubling()))
    drive.finish(1, code=137, why=OOM)
    assert [request.memory for request in asked(drive)] == [2 * GIB]
    drive.finish(1, n=2, code=137, why=OOM)
    assert [request.memory for request in asked(drive)] == [4 * GIB]
    told = [row.reason for row in drive.ledger.history if row.reason is not None]
    assert told[-1].text == "out of memory: used 2 GiB of 1 GiB; next memory 2 GiB → 4 GiB"
    assert told[-1].evidence["remedy"] == "memory 2 GiB → 4 GiB"


def test_memory_grows_to_its_cap_and_to_what_the_largest_node_has() -> None:
    """Neither is a reason to give up: the last try has all there is."""
    capped = cluster()
    capped.submit(job(**doubling(memory_max=3 * GIB)))
    for n, memory in ((1, 2), (2, 3), (3, 3)):
        capped.finish(1, n=n, code=137, why=OOM)
        assert [request.memory for request in asked(capped)] == [memory * GIB]
    small = cluster(memory=3 * GIB)
    small.submit(job(**doubling()))
    for n, memory in ((1, 2), (2, 3)):
        small.finish(1, n=n, code=137, why=OOM)
        assert [request.memory for request in asked(small)] == [memory * GIB]


def test_too_little_time_is_tried_again_with_more() -> None:
    """``time_limit: {times: 1, time: x1.5, time_cap: 12s}``."""
    drive = cluster()
    remedy = Remedy(time=150, time_max_ms=12_000)
    drive.submit(
        job(
            request=Request(time_ms=10_000),
            retries={"time_limit": 1},
            remedies={"time_limit": remedy},
        )
    )
    drive.finish(1, code=None, signal=15, why=LATE)
    assert [request.time_ms for request in asked(drive)] == [12_000]


def test_only_the_task_that_needs_more_gets_more_and_it_waits_for_the_others() -> None:
    """One task out of memory does not make the other 99 wait for large nodes."""
    drive = cluster(cores=2)
    drive.submit(array(4, **doubling()))
    drive.finish(1, 0, code=137, why=OOM)
    assert [request.memory for request in asked(drive)] == [GIB]
    drive.finish(1, 1)
    drive.finish(1, 2)
    assert drive.runs() == [(1, 0, 2)]
    assert [request.memory for request in asked(drive)] == [2 * GIB]
    drive.finish(1, 3)
    drive.finish(1, 0, n=2)
    assert drive.counts(1) == {"done": 4}


def test_what_was_learned_survives_the_server() -> None:
    """The next attempt asks for 2 GiB also after a restart."""
    drive = cluster()
    drive.submit(job(**doubling(), retry_delay_ms=5_000))
    drive.finish(1, code=137, why=OOM)
    drive.restart()
    drive.join()
    drive.tick(drive.at + 5_000)
    assert [request.memory for request in asked(drive)] == [2 * GIB]


def test_elsewhere_is_another_node_if_there_is_one() -> None:
    """Not where it failed for this; with one node only, there again."""
    spec = {"retries": {"any": 2}, "remedies": {"any": Remedy(elsewhere=True)}}
    pair = cluster("n1", "n2")
    pair.submit(job(**spec))
    pair.finish(1, code=1, node="n1")
    assert nodes(pair) == ["n2"]
    pair.finish(1, n=2, code=1, node="n2")
    assert nodes(pair) == ["n1"] or nodes(pair) == ["n2"]
    alone = cluster("n1")
    alone.submit(job(**spec))
    alone.finish(1, code=1)
    assert nodes(alone) == ["n1"]


def test_elsewhere_holds_also_after_a_restart_of_the_server() -> None:
    """The task waits for the other node, although this one is free."""
    drive = cluster("n1", "n2")
    spec = {"retries": {"any": 2}, "remedies": {"any": Remedy(elsewhere=True)}}
    drive.submit(job(**spec))
    drive.leave("n2")
    drive.finish(1, code=1, node="n1")
    assert nodes(drive) == [] and drive.state(1) == "queued"
    drive.restart()
    drive.join("n1", cores=1)
    assert nodes(drive) == []
    drive.join("n2", cores=1)
    assert nodes(drive) == ["n2"]


def test_a_job_may_ask_to_be_run_again_and_pays_nothing_but_not_for_ever() -> None:
    """``requeue_codes: [99]`` without any retries: 20 times, then it has failed."""
    drive = cluster()
    drive.submit(job(requeue_codes=(99,)))
    for n in range(1, REQUEUES_MAX + 1):
        drive.finish(1, n=n, code=99)
        assert drive.state(1) == "held", n
        assert drive.ledger.attempts[1, 0, n].reason.code == "requeue"
        drive.tick(drive.at + 100_000)
        assert drive.runs() == [(1, 0, n + 1)]
    drive.finish(1, n=REQUEUES_MAX + 1, code=99)
    assert drive.state(1) == "failed" and last_reason(drive, 1).code == "requeue"


def test_a_remedy_that_no_node_can_satisfy_ends_the_job_with_that_word() -> None:
    """More time than the queue allows would wait for ever."""
    from rota.sched.rules import Queue, Rules

    rules = Rules(queues={"default": Queue(time_ms=15_000)})
    drive = Drive(rules=rules)
    drive.join(cores=1)
    drive.submit(
        job(
            request=Request(time_ms=10_000),
            retries={"time_limit": 3},
            remedies={"time_limit": Remedy(time=200)},
        )
    )
    drive.finish(1, code=None, signal=15, why=LATE)
    assert drive.state(1) == "failed"
    assert "no node could run it with time 10s → 20s" in last_reason(drive, 1).text


def test_a_job_that_takes_its_nodes_down_is_held_as_poison() -> None:
    """Three nodes lost while it ran there: a fourth is not risked unless a user says so."""
    drive = cluster("n1", "n2", "n3", "n4")
    drive.submit(job())
    for n in range(1, 4):
        (node,) = nodes(drive)
        drive.start(1, n=n, node=node)
        drive.join(node, cores=1, boot=f"again{n}", session=10 + n)
        drive.leave(node, session=10 + n)
        drive.tick(drive.at + 100_000)
    assert drive.state(1) == "held"
    told = drive.mind.reason_of(1)
    assert told is not None and told.code == "poison" and "3 nodes" in told.text
    drive.restart()
    drive.join("n4", cores=1)
    assert drive.state(1) == "held" and not drive.runs()
    drive.ask("release", 1)
    assert drive.runs() == [(1, 0, 4)]


def test_a_job_edited_while_it_waits_keeps_its_factor() -> None:
    """Twice the memory of what the job asks for now."""
    drive = cluster()
    drive.submit(job(**doubling(), retry_delay_ms=5_000))
    drive.finish(1, code=137, why=OOM)
    spec = drive.mind.memory.jobs[1].spec
    from dataclasses import replace

    drive.ask("edit", 1, spec=replace(spec, request=Request(memory=3 * GIB)))
    drive.tick(drive.at + 5_000)
    assert [request.memory for request in asked(drive)] == [6 * GIB]


def test_a_node_that_cannot_bring_files_in_is_kept_away_from() -> None:
    """It costs no retry, and where there is no other node the same one is asked again."""
    drive = cluster("n1", "n2")
    drive.submit(job())
    (node,) = nodes(drive)
    why = reason("stage_in", error="no route")
    drive.report(Declined(AttemptRef(1, 0, 1), why), node=node)
    drive.tick(drive.at + 100_000)
    (other,) = nodes(drive)
    assert other != node
    assert drive.ledger.attempts[1, 0, 1].reason.code == "stage_in"
    drive.report(Declined(AttemptRef(1, 0, 2), why), node=other)
    drive.tick(drive.at + 100_000)
    assert len(nodes(drive)) == 1
    drive.finish(1, n=3, node=nodes(drive)[0])
    assert drive.state(1) == "done"
