"""Limits set live: who may, what they do, and that they last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.resources import Request
from rota.engine.events import LimitAsked, Reply
from rota.sched.limits import Limit
from rota.sched.rules import Queue
from tests.engine.drive import ANN, BOB, Drive, array, job, ruled, why


def limit(
    drive: Drive, name: str, said: Mapping[str, Any] | None, *, kind: str = "user",
    user: Any = ANN,
) -> Reply:  # fmt: skip
    """Set or remove a limit; return the reply."""
    return drive.reply(drive.tell(LimitAsked(drive.at, user, kind, name, said)))


def test_a_limit_holds_from_the_next_round_on_and_after_a_restart() -> None:
    """What runs goes on; what waits is told whose limit it is, and what else it lacks."""
    drive = ruled()
    drive.submit(array(6))
    limit(drive, "ann", {"jobs": 2})
    assert len(drive.mind.memory.allocs) == 4
    drive.finish(1)
    code, text = why(drive, 1)
    assert code == "limit"
    assert "2 jobs (3 in use, 1 asked for) for user ann, set by ann" in text
    drive.restart()
    assert drive.mind.memory.rules.limits[0].jobs == 2
    limit(drive, "ann", None)
    assert not drive.mind.memory.rules.limits
    drive.restart()
    assert not drive.mind.memory.rules.limits


def test_why_names_the_limit_and_what_the_machine_lacks() -> None:
    """Lifting the one would not let it start."""
    drive = ruled(limits=(Limit("user", "ann", cores=4),))
    drive.submit(job(request=Request(cores=4)), job(request=Request(cores=4)))
    _, text = why(drive, 2)
    assert "limit 4 cores" in text and "besides, waits for 4 free cores (0 free)" in text


def test_the_file_read_again_leaves_what_was_set_live() -> None:
    """And removing that leaves what the file says."""
    drive = ruled(limits=(Limit("user", "*", cores=1),))
    limit(drive, "bob", {"cores": 3})
    drive.configure(limits=(Limit("user", "*", cores=2),))
    drive.submit(array(4), user=BOB)
    assert len(drive.mind.memory.allocs) == 3
    limit(drive, "bob", None)
    assert drive.mind.memory.rules.limits == (Limit("user", "*", cores=2),)


def test_others_than_administrators_only_tighten_their_own() -> None:
    """Not another's, not an account's, not beyond what is in force; the own may go."""
    drive = ruled(limits=(Limit("user", "*", cores=4),))
    for kind, name in (("user", "ann"), ("account", "bob"), ("user", "*")):
        refused = limit(drive, name, {"cores": 1}, kind=kind, user=BOB)
        assert "may only tighten their own: user bob" in str(refused.error)
    assert "less is in force" in str(limit(drive, "bob", {"cores": 5}, user=BOB).error)
    assert "nothing was set live" in str(limit(drive, "bob", None, user=BOB).error)
    assert limit(drive, "bob", {"cores": 2}, user=BOB).error is None
    drive.submit(array(4), user=BOB)
    assert len(drive.mind.memory.allocs) == 2
    assert limit(drive, "bob", None, user=BOB).error is None
    assert len(drive.mind.memory.allocs) == 4


def test_an_override_of_an_administrator_and_ones_own_stand_side_by_side() -> None:
    """One does not remove the other."""
    drive = ruled()
    limit(drive, "bob", {"cores": 3})
    limit(drive, "bob", {"cores": 2}, user=BOB)
    limit(drive, "bob", {"jobs": 9})
    assert [(x.cores, x.jobs) for x in drive.mind.memory.rules.limits] == [
        (3, 9),
        (2, None),
    ]
    limit(drive, "bob", None)
    assert [(x.cores, x.set_by) for x in drive.mind.memory.rules.limits] == [(2, "bob")]


def test_g34_a_submit_beyond_what_may_wait_is_refused() -> None:
    """Checked after adding what is submitted; held tasks wait, too."""
    drive = ruled()
    limit(drive, "night", {"queued": 5}, kind="queue")
    assert drive.submit(array(5, queue="night", held=True)).error is None
    refused = drive.submit(job(queue="night"), user=BOB)
    assert "5 tasks of queue night wait and 1 are too many" in str(refused.error)
    assert drive.submit(job(), user=BOB).error is None


def test_a_queue_there_is_not_has_no_limits() -> None:
    """Where queues are declared."""
    drive = ruled(queues={"night": Queue()})
    refused = limit(drive, "nigth", {"jobs": 1}, kind="queue")
    assert "there is no queue nigth" in str(refused.error)


def test_one_job_of_a_user_blocks_and_the_next_says_why_it_does_not() -> None:
    """As many as an administrator says, for as long; none where it says 0."""
    drive = ruled()
    drive.submit(job(request=Request(cores=3)))
    block = job(request=Request(cores=4, time_ms=9_000), priority=1000)
    drive.submit(block, user=BOB)
    drive.submit(block, user=BOB)
    drive.submit(job(), user=BOB)
    assert why(drive, 2)[0] == "resources"
    assert "it does not block: job 2 of bob does (blocks is 1)" in why(drive, 3)[1]
    limit(drive, "bob", {"block_time": 60_000})
    drive.tick(drive.at + 60_000)
    assert "it blocks no longer: block_time is 1m" in why(drive, 2)[1]
    limit(drive, "*", {"blocks": 0})
    refused = str(drive.submit(block, user=BOB).error)
    assert "priority: block is not for bob: blocks is 0, set by ann" in refused
    assert drive.submit(job(priority=999), user=BOB).error is None


def test_a_round_looks_again_when_a_blocking_jobs_time_is_up() -> None:
    """Also after a restart, and where the limit was set live."""
    drive = ruled()
    limit(drive, "bob", {"block_time": 60_000})
    drive.submit(job(request=Request(cores=4)))
    drive.submit(job(request=Request(cores=4), priority=1000), user=BOB)
    assert drive.mind.next_at() == 61_000
    drive.restart()
    assert drive.mind.next_at() == 61_000
