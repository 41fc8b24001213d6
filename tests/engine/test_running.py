"""suspend, resume, signal: who may, of what, and what is said otherwise."""

from __future__ import annotations

from rota.core.errors import Conflict, NotAllowed
from rota.core.job import AttemptRef
from rota.engine.events import Signal, Suspend, Suspended
from tests.engine.drive import BOB, Drive, array, job

REF = AttemptRef(1, 0, 1)


def running() -> Drive:
    """One job that runs."""
    drive = Drive()
    drive.join()
    drive.submit()
    drive.start(1)
    return drive


def orders(drive: Drive) -> list[tuple[AttemptRef, bool]]:
    """Return which attempts were told to stand still, or to go on, in the last step."""
    return [(e.attempt, e.on) for e in drive.effects if isinstance(e, Suspend)]


def test_a_running_job_is_suspended_when_its_node_says_so() -> None:
    """Asked, told, and only then so; and back the same way."""
    drive = running()
    assert drive.ask("suspend", 1).value["jobs"][0]["result"] == "suspending"
    assert orders(drive) == [(REF, True)]
    assert (drive.state(1), drive.mind.flags_of(1)) == ("running", ["suspending"])
    drive.report(Suspended(REF, True))
    assert (drive.state(1), drive.mind.flags_of(1)) == ("suspended", [])

    drive.ask("resume", 1)
    assert orders(drive) == [(REF, False)]
    assert (drive.state(1), drive.mind.flags_of(1)) == ("suspended", ["resuming"])
    drive.report(Suspended(REF, False))
    assert drive.state(1) == "running"
    line = drive.ledger.history[-1]
    assert (line.move, line.source) == ("resume", "ann")


def test_an_array_is_suspended_where_it_runs() -> None:
    """What waits goes on waiting: the cores are still held, so nothing more starts."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(array(3))
    drive.start(1, 0)
    drive.start(1, 1)
    drive.ask("suspend", 1)
    assert [ref.task for ref, _ in orders(drive)] == [0, 1]
    drive.report(Suspended(REF, True), Suspended(AttemptRef(1, 1, 1), True))
    assert drive.counts(1) == {"suspended": 2, "queued": 1}
    drive.ask("resume", 1, 1)
    assert orders(drive) == [(AttemptRef(1, 1, 1), False)]


def test_what_does_not_run_is_not_suspended_and_the_way_out_is_told() -> None:
    """Waiting, placed, suspended, being killed, somebody else's."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(), job())
    for id, hint in ((1, "ask again when it runs"), (2, "hold it instead")):
        error = drive.ask("suspend", id).error
        assert isinstance(error, Conflict) and hint in error.sentence
    drive.start(1)
    assert isinstance(drive.ask("suspend", 1, user=BOB).error, NotAllowed)
    error = drive.ask("resume", 1).error
    assert error is not None and "it is not suspended" in error.sentence
    drive.ask("suspend", 1)
    drive.report(Suspended(REF, True))
    error = drive.ask("suspend", 1).error
    assert error is not None and "suspended already" in error.sentence
    drive.ask("kill", 1)
    for verb in ("suspend", "resume", "signal"):
        error = drive.ask(verb, 1, signal="USR1").error
        assert error is not None, verb


def test_a_signal_is_sent_once_and_never_kept() -> None:
    """To what runs, by a node that is there; history tells it."""
    drive = running()
    assert drive.ask("signal", 1, signal="USR1").value["jobs"][0]["result"] == "signalled"
    assert [(e.attempt, e.signal) for e in drive.effects if isinstance(e, Signal)] == [
        (REF, "USR1")
    ]
    assert drive.ledger.history[-1].move == "signal"
    drive.leave()
    error = drive.ask("signal", 1, signal="USR1").error
    assert isinstance(error, Conflict) and "n1 is not connected" in error.sentence
