"""G28: whatever other systems answer, nothing is lost, doubled or left behind."""

from __future__ import annotations

from rota.engine.launching import WATCH_MS
from rota.engine.pilots import UNSURE_MS
from tests.engine.drive import array, job
from tests.engine.launching import Pilots, row


def asked(**more: object) -> Pilots:
    """Return a mind that has just asked for one pilot, for one job."""
    drive = Pilots(**more)
    drive.submit()
    drive.later()
    return drive


def test_g28_a_lost_reply_is_found_by_its_name() -> None:
    """The pilot is there under its marker: it gets its id, and no second one is started."""
    drive = asked()
    drive.refused(1, "timed out", certain=False)
    assert drive.states() == {1: "unsure"}
    drive.listed(row(1, "queued", id="77"))
    assert drive.pool.pilots[1].id == "77"
    assert drive.states() == {1: "queued"}


def test_g28_a_reply_that_never_meant_anything_is_given_up() -> None:
    """Not listed for a minute: it never was; one that turns up later is cancelled."""
    drive = asked()
    drive.refused(1, "timed out", certain=False)
    drive.listed()
    drive.listed()
    assert drive.states()[1] == "unsure"
    drive.later(UNSURE_MS)
    drive.listed()
    assert 1 not in drive.states()
    assert drive.pool.watch_until >= drive.at + WATCH_MS - 2_000
    drive.listed(row(1, "queued", id="77"))
    assert drive.cancelled == ["77"]


def test_g28_a_restart_before_the_reply_looks_for_the_pilot() -> None:
    """The intent was on disk; the answer went to a server that is no more."""
    drive = asked()
    drive.restart()
    assert drive.states() == {1: "unsure"}
    drive.listed(row(1, "running", id="77"))
    assert drive.states() == {1: "running"}


def test_g28_a_scheduler_that_is_down_decides_nothing() -> None:
    """However often it does not answer."""
    drive = asked()
    drive.launched()
    for _ in range(5):
        drive.listed(trouble="connection refused")
    assert drive.states() == {1: "queued"}
    assert drive.pool.deaf is not None
    drive.listed(row(1))
    assert drive.pool.deaf is None


def test_g28_a_purged_record_does_not_end_a_connected_pilot() -> None:
    """Its agent knows better than a list."""
    drive = asked()
    drive.up()
    for _ in range(5):
        drive.listed()
    assert drive.states() == {1: "up"}


def test_g28_one_list_without_it_is_not_the_end() -> None:
    """Two in a row are, when no agent is connected."""
    drive = asked()
    drive.launched()
    drive.listed()
    drive.listed(row(1))
    drive.listed()
    assert drive.states() == {1: "running"}
    drive.listed()
    assert 1 not in drive.states()


def test_g28_the_same_name_twice_leaves_one() -> None:
    """A submit that was carried out twice."""
    drive = asked()
    drive.launched()
    drive.listed(row(1), row(1, id="99"))
    assert drive.cancelled == ["99"]
    assert drive.states() == {1: "running"}


def test_g28_names_of_others_are_left_alone() -> None:
    """Of another server, another pool, another user."""
    drive = asked()
    drive.listed(
        ("5", "running", "rota-there-big-1"), ("6", "running", "rota-here-small-1"),
        ("7", "running", "thesis"),
    )  # fmt: skip
    assert drive.cancelled == []


def test_g28_a_number_from_the_future_is_never_used_again() -> None:
    """A database that was put back does not know its youngest pilots."""
    drive = asked()
    drive.listed(row(40, id="400"))
    assert drive.cancelled == ["400"]
    assert drive.pool.next_n == 41


def test_g07_the_end_of_an_allocation_frees_its_tasks_at_once() -> None:
    """Preempted: no lease is waited for, the task has its next attempt elsewhere."""
    drive = asked()
    drive.up()
    drive.start(1, node="big-1")
    drive.leave("big-1", session=101)
    assert drive.state(1) == "running"
    drive.listed(row(1, "ended"))
    lost = drive.ledger.attempts[1, 0, 1].reason
    assert lost is not None
    assert lost.text == "lost with its node: pilot 1 (10) of pool big ended: ENDED"
    drive.join("n1")
    drive.later(2_000)
    assert drive.runs() == [(1, 0, 2)]


def test_g12_what_must_not_run_twice_fails_then() -> None:
    """With the evidence."""
    drive = Pilots()
    drive.submit(job(restartable=False))
    drive.later()
    drive.up()
    drive.start(1, node="big-1")
    drive.leave("big-1", session=101)
    drive.listed(row(1, "ended"))
    assert drive.state(1) == "failed"


def test_an_ended_pilot_whose_agent_still_talks_may_finish_telling() -> None:
    """Its jobs' ends are on their way; when it hangs up it is over."""
    drive = asked()
    drive.up()
    drive.start(1, node="big-1")
    drive.listed(row(1, "ended"))
    assert drive.state(1) == "running"
    drive.finish(1, node="big-1")
    assert drive.state(1) == "done"
    drive.leave("big-1", session=101)
    assert 1 not in drive.states()


def test_one_that_will_never_start_is_cancelled_and_told() -> None:
    """A time limit above the partition's: the system keeps it waiting for ever."""
    drive = asked()
    drive.launched()
    drive.listed(row(1, "stuck"))
    assert drive.cancelled == ["10"]
    assert drive.pool.trouble is not None
    assert "pilot 1 (10) will not start: STUCK" in drive.pool.trouble.text


def test_one_that_ends_before_its_agent_came_counts_as_a_failure() -> None:
    """A missing Python, a scratch that is full: the log of the pilot has more."""
    drive = asked()
    drive.launched()
    drive.listed(row(1, "ended"))
    assert drive.pool.trouble is not None
    assert "ended before its agent came" in drive.pool.trouble.text


def test_a_cancel_is_repeated_until_it_worked() -> None:
    """The first may have been lost."""
    drive = asked()
    drive.up()
    drive.start(1, node="big-1")
    drive.finish(1, node="big-1")
    drive.ask_pool("drain")
    drive.later()
    drive.listed(row(1))
    drive.listed(row(1))
    assert drive.cancelled == ["10", "10", "10"]


def test_an_agent_that_nobody_waits_for_gets_no_work() -> None:
    """Its pilot was given up; it is looked for until it is cancelled."""
    drive = asked()
    drive.refused()
    drive.come()
    assert drive.runs() == []
    assert drive.mind.memory.nodes["big-1"].ending is not None
    drive.listed(row(1))
    assert drive.cancelled == ["10"]
    drive.leave("big-1", session=101)
    assert "big-1" not in drive.mind.memory.nodes


def test_several_agents_of_one_pilot() -> None:
    """It is gone only as a whole."""
    drive = Pilots(agents=2, most=1)
    drive.submit(array(4))
    drive.later()
    drive.launched()
    drive.join("big-1.0", session=5, labels=("pool:big",))
    drive.join("big-1.1", session=6, labels=("pool:big",))
    drive.leave("big-1.0", session=5)
    drive.listed(row(1, "ended"))
    assert drive.states() == {1: "up"}
    drive.leave("big-1.1", session=6)
    assert drive.states() == {}
    assert drive.mind.memory.nodes == {}
