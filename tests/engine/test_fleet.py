"""Nodes come, go, and come back."""

from __future__ import annotations

from rota.core.errors import Missing, NotAllowed
from rota.core.job import AttemptRef
from rota.core.reasons import reason
from rota.engine.events import Holding, Kill, NodeAsked, NodeChecked
from tests.engine.drive import ANN, BOB, Drive, array, job

FIRST = AttemptRef(1, 0, 1)


def started(**spec: object) -> Drive:
    """One job running on n1."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(**spec))
    drive.start(1)
    return drive


def test_g13_a_running_job_is_adopted_with_its_true_status() -> None:
    """Server gone, node back: the job it holds runs on and ends once."""
    drive = started()
    drive.leave()
    drive.restart()
    drive.join(cores=1, session=2, holds=(Holding(FIRST, "running", 1_000),))
    assert drive.state(1) == "running" and not drive.runs() and not drive.kills()
    drive.finish(1, code=7)
    assert drive.ledger.tasks[1, 0].exit_code == 7


def test_a_start_the_server_never_heard_of_is_learned_at_the_next_hello() -> None:
    """The node's disk knows better."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit()
    drive.join(cores=1, session=2, holds=(Holding(FIRST, "running", 1_234),))
    assert drive.state(1) == "running"
    assert drive.ledger.attempts[1, 0, 1].started_at == 1_234


def test_an_assignment_that_never_arrived_is_made_again() -> None:
    """The node does not hold it, so it never started: the next number, no trouble."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit()
    drive.join(cores=1, session=2)
    assert drive.runs() == [(1, 0, 2)]


def test_g18_a_reboot_loses_all_that_ran_once_and_requeues_it() -> None:
    """Another boot id: nothing survived; restartable jobs wait again."""
    drive = started()
    drive.join(cores=1, boot="b2", session=2)
    assert drive.state(1) == "held"
    lost = drive.ledger.attempts[1, 0, 1].reason
    assert lost is not None and lost.code == "lost" and "restarted" in lost.text
    drive.tick(drive.at + 1_000)
    assert drive.runs() == [(1, 0, 2)]


def test_g12_what_must_not_run_twice_fails_as_lost() -> None:
    """``restartable: false``: then, and only then, the job ends as failed."""
    drive = started(restartable=False)
    drive.join(cores=1, boot="b2", session=2)
    assert drive.state(1) == "failed"
    why = drive.ledger.changed[1].reason
    assert why is not None and why.code == "lost"


def test_g07_a_lost_link_decides_nothing_until_the_lease_has_surely_ended() -> None:
    """One hour and a margin; then the job runs again elsewhere."""
    drive = started()
    drive.leave()
    drive.join("n2", cores=1)
    assert not drive.runs() and drive.mind.flags_of(1) == ["unreachable"]
    due = drive.mind.next_at()
    assert due is not None and due >= drive.at + 3_600_000
    drive.tick(due - 1)
    assert drive.state(1) == "running"
    drive.tick(due)
    drive.tick(due + 1_000)
    assert drive.runs() == [(1, 0, 2)]


def test_g07_a_job_that_must_not_run_twice_keeps_its_lease_for_ever() -> None:
    """Nobody knows whether it still runs, so nobody starts it again."""
    drive = started(restartable=False)
    drive.leave()
    drive.tick(drive.at + 100_000_000)
    assert drive.state(1) == "running"


def test_what_a_node_holds_and_nobody_waits_for_is_ended_there() -> None:
    """An attempt of before: killed on the node, no job of ours is touched."""
    drive = Drive()
    stale = AttemptRef(9, 0, 1)
    effects = drive.join(holds=(Holding(stale, "running", 5), Holding((8, 0, 1), "ended")))  # type: ignore[arg-type]
    assert [e.attempt for e in effects if isinstance(e, Kill)] == [stale]


def test_a_drained_node_takes_nothing_new_also_after_a_restart() -> None:
    """What runs there ends in peace; undrain opens it again."""
    drive = started()
    drive.tell(NodeAsked(drive.at, ANN, "drain", ["n1"], "new disk"))
    drive.submit()
    drive.finish(1)
    drive.restart()
    drive.join(cores=1, session=2)
    assert not drive.runs()
    drive.tell(NodeAsked(drive.at, ANN, "undrain", ["n1"]))
    assert drive.runs() == [(2, 0, 1)]


def test_draining_is_for_administrators_and_for_nodes_that_exist() -> None:
    """Both refusals name what to do."""
    drive = started()
    denied = drive.reply(drive.tell(NodeAsked(drive.at, BOB, "drain", ["n1"])))
    assert isinstance(denied.error, NotAllowed)
    missing = drive.reply(drive.tell(NodeAsked(drive.at, ANN, "drain", ["x"])))
    assert isinstance(missing.error, Missing) and "n1" in missing.error.sentence


def test_a_node_that_finds_trouble_with_itself_takes_nothing() -> None:
    """Until it is well again."""
    drive = Drive()
    drive.join()
    drive.tell(NodeChecked(drive.at, "n1", 1, reason("unhealthy", what="disk full")))
    drive.submit(array(2))
    assert not drive.runs()
    drive.tell(NodeChecked(drive.at, "n1", 1, None))
    assert len(drive.runs()) == 2
