"""Queues, limits, licences, windows, shares and preemption in the mind itself."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed, NotAllowed
from rota.core.job import AttemptRef
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.assign import snapshot_of
from rota.engine.events import Configured, Holding, Kill
from rota.sched.limits import Limit
from rota.sched.problem import QueueRule, Window
from rota.sched.rules import MINUTE_MS, Queue, Rules
from tests.engine.drive import ANN, BOB, Drive, array, job


def ruled(**rules: Any) -> Drive:
    """Return a mind under *rules* with one node of four cores."""
    drive = Drive(rules=Rules(**rules))
    drive.join(cores=4)
    return drive


def why(drive: Drive, id: int) -> tuple[str, str]:
    """Return code and sentence of why a job waits."""
    found = drive.mind.reason_of(id)
    assert found is not None, f"job {id} does not wait"
    return found.code, found.text


def complaints(drive: Drive, *specs: Any, **more: Any) -> list[str]:
    """Return what is complained about a submission."""
    error = drive.submit(*specs, **more).error
    assert isinstance(error, Malformed)
    return [str(complaint) for complaint in error.complaints]


# ── licences ──────────────────────────────────────────────────────────────────────────


def licensed(count: int, **more: Any) -> Any:
    """Return a job that wants so many licences."""
    return job(request=Request(licences=(("abaqus", count),)), **more)


def test_licences_are_taken_at_the_start_and_given_back_at_the_end() -> None:
    """Three of the two that fit wait, and say for what."""
    drive = ruled(licences={"abaqus": 5})
    drive.submit(licensed(2), licensed(2), licensed(2))
    assert drive.runs() == [(1, 0, 1), (2, 0, 1)]
    assert drive.mind.memory.tally.licences == {"abaqus": 4}
    assert why(drive, 3) == ("licence", "waits for 2 abaqus (1 free)")

    drive.finish(1)
    assert drive.runs() == [(3, 0, 1)]


def test_a_restart_knows_which_licences_are_held() -> None:
    """Not one is given twice."""
    drive = ruled(licences={"abaqus": 2})
    drive.submit(licensed(2), licensed(1))
    drive.restart()
    drive.join(cores=4, session=2, holds=(Holding(AttemptRef(1, 0, 1), "waiting"),))
    assert drive.mind.memory.tally.licences == {"abaqus": 2}
    assert drive.runs() == []


def test_a_licence_that_nobody_declared_is_refused() -> None:
    """And so is more than there is."""
    drive = ruled(licences={"abaqus": 5})
    assert complaints(drive, job(request=Request(licences=(("abacus", 1),)))) == [
        "licences: nobody declared a licence abacus; did you mean abaqus?"
    ]
    assert complaints(drive, licensed(6)) == [
        "licences: there are 5 of abaqus, 6 asked for; ask for at most 5"
    ]


def test_fewer_licences_than_are_held_are_no_contradiction() -> None:
    """What runs goes on; nothing starts until enough came back."""
    drive = ruled(licences={"abaqus": 2})
    drive.submit(licensed(1), licensed(1), licensed(1))
    drive.configure(licences={"abaqus": 1})
    drive.finish(1)
    assert drive.runs() == []
    drive.finish(2)
    assert drive.runs() == [(3, 0, 1)]


# ── queues ────────────────────────────────────────────────────────────────────────────


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


# ── limits ────────────────────────────────────────────────────────────────────────────


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


def test_a_limit_on_the_rate_of_starts_opens_again_by_time_alone() -> None:
    """No end and no submit is needed: the mind asks to be woken."""
    drive = ruled(limits=(Limit("user", "ann", starts=(2, MINUTE_MS)),))
    drive.submit(array(3))
    assert len(drive.runs()) == 2
    assert "2 starts in 1m" in why(drive, 1)[1]
    assert drive.mind.next_at() == drive.at + MINUTE_MS
    drive.tick(drive.at + MINUTE_MS)
    assert drive.runs() == [(1, 2, 1)]


# ── windows ───────────────────────────────────────────────────────────────────────────


def test_nothing_runs_into_a_maintenance_window() -> None:
    """What ends before it starts; the rest waits until it is over, by time alone."""
    window = Window("cooling", 100_000, 200_000, frozenset({"n1"}))
    drive = ruled(windows=(window,))
    drive.submit(job(request=Request(time_ms=60_000)))
    assert drive.runs() == [(1, 0, 1)]
    drive.submit(job(request=Request(time_ms=150_000)))
    assert drive.runs() == []
    assert why(drive, 2) == ("reservation", "it could run into cooling")
    drive.tick(100_000)
    assert drive.runs() == []
    drive.tick(200_000)
    assert drive.runs() == [(2, 0, 1)]


# ── fair shares, learned run times ────────────────────────────────────────────────────


def test_who_used_much_has_more_than_the_others() -> None:
    """By their weights: usage is charged as it goes and fades by the half-life."""
    drive = ruled(shares={"ann": 1.0, "bob": 3.0}, half_life_ms=86_400_000)
    drive.submit(job(), job(), job())
    drive.submit(job(), user=BOB)
    drive.at += 86_400_000
    shares = snapshot_of(drive.mind.memory, drive.at).shares
    assert shares == pytest.approx({"ann": 0.75 * 2, "bob": 0.25 * 2 / 3})


def test_run_times_are_learned_of_the_same_program() -> None:
    """Estimates order; the guess of an unknown program is half its limit."""
    drive = ruled()
    spec = job(argv=("/bin/quick",), request=Request(time_ms=3_600_000))
    for id in (1, 2, 3):
        drive.submit(spec)
        drive.finish(id)
    drive.submit(job(argv=("/bin/quick",), held=True, request=Request(time_ms=3_600_000)))
    guess = drive.mind.memory.tally.expect(drive.mind.memory.jobs[4])
    assert guess.typical_ms < 60_000


# ── preemption ────────────────────────────────────────────────────────────────────────


def preempting(**more: Any) -> Drive:
    """Return a mind with a queue that preempts and one that yields."""
    return ruled(
        queues={
            "urgent": Queue(QueueRule(preempts=True)),
            "scavenge": Queue(preemptible=True, **more),
        }
    )


def test_a_job_makes_room_and_is_tried_again_at_no_cost() -> None:
    """Killed with a reason, queued again, its own budget untouched."""
    drive = preempting()
    wide = Request(cores=4)
    drive.submit(job(queue="scavenge", request=wide))
    drive.start(1)
    drive.submit(job(queue="urgent", request=wide))
    [kill] = [e for e in drive.effects if isinstance(e, Kill)]
    assert kill.reason == reason("preempted", job=2)
    drive.submit(job(held=True))
    assert drive.kills() == [], "room is being made already"

    drive.finish(1, code=None, signal=15, why=reason("killed", who="the server"))
    assert drive.runs() == [(2, 0, 1)]
    task = drive.mind.memory.jobs[1].tasks[0]
    assert (task.state, task.failures, task.troubles) == (State.HELD, {}, 0)
    assert "make room for job 2" in why(drive, 1)[1]

    drive.finish(2)
    drive.tick(drive.at + 60_000)
    assert drive.runs() == [(1, 0, 2)]


def test_who_has_not_run_long_enough_is_left_alone() -> None:
    """And the mind looks again when it has."""
    drive = preempting(min_run_ms=30_000)
    wide = Request(cores=4)
    drive.submit(job(queue="scavenge", request=wide))
    drive.start(1)
    drive.submit(job(queue="urgent", request=wide))
    assert drive.kills() == []
    drive.tick(drive.at + 30_000)
    assert drive.kills() == [AttemptRef(1, 0, 1)]


def test_no_queue_is_preempted_that_does_not_allow_it() -> None:
    """The default queue does not."""
    drive = preempting()
    drive.submit(job(request=Request(cores=4)))
    drive.submit(job(queue="urgent", request=Request(cores=4)))
    assert drive.kills() == []


# ── who may change all this ───────────────────────────────────────────────────────────


def test_only_an_administrator_changes_the_rules() -> None:
    """Others are refused and nothing changes."""
    drive = ruled()
    before = drive.mind.memory.rules
    reply = drive.reply(drive.tell(Configured(drive.at, BOB, Rules(licences={"a": 1}))))
    assert isinstance(reply.error, NotAllowed)
    assert drive.mind.memory.rules is before
    drive.configure(licences={"a": 1})
    assert drive.mind.memory.rules.licences == {"a": 1}
    assert ANN.is_admin
