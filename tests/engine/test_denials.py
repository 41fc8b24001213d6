"""A checkout that was denied holds the job back; it does not fail it."""

from __future__ import annotations

from rota.core.reasons import Reason, reason
from rota.core.resources import Request
from rota.engine.denials import DENIED_MAX
from rota.engine.events import Run
from rota.engine.meter import SHORT_MS
from rota.sched.licences import Metering
from tests.engine.drive import Drive, job, ruled, why

SPEC = job(request=Request(licences=(("abaqus", 1),)), retries={"any": 1})


def denying() -> Drive:
    """Return a mind where exit code 77 of an abaqus job says: no licence."""
    return ruled(licences={"abaqus": 5}, metering={"abaqus": Metering(exit_codes=(77,))})


def test_it_waits_and_tries_again_and_its_retries_are_its_own() -> None:
    """After a minute, then two; the budget of real failures is untouched."""
    drive = denying()
    drive.submit(SPEC)
    drive.finish(1, code=77)
    code, text = why(drive, 1)
    assert code == "retry_delay" and "abaqus denied it a licence: exit code 77" in text
    row = drive.ledger.attempts[1, 0, 1]
    assert row.reason is not None and row.reason.code == "licence_denied"
    drive.tick(drive.at + SHORT_MS)
    assert drive.runs() == [(1, 0, 2)]
    drive.finish(1, n=2, code=77)
    drive.tick(drive.at + 2 * SHORT_MS)
    assert drive.runs() == [(1, 0, 3)]
    drive.finish(1, n=3, code=1)
    assert drive.runs() == [(1, 0, 4)]
    drive.finish(1, n=4, code=1)
    assert drive.state(1) == "failed"


def test_meanwhile_nothing_is_given_of_that_licence() -> None:
    """Whoever else wants it would be denied, too; the reason says so."""
    drive = denying()
    drive.submit(SPEC)
    drive.finish(1, code=77)
    drive.submit(SPEC)
    assert drive.runs() == []
    assert "a checkout was denied" in why(drive, 2)[1]
    drive.tick(drive.at + SHORT_MS)
    assert (2, 0, 1) in drive.runs()


def test_after_many_it_is_held_and_a_release_begins_anew() -> None:
    """Also after a restart: the budget is kept."""
    drive = denying()
    drive.submit(SPEC)
    for n in range(1, DENIED_MAX + 1):
        drive.finish(1, n=n, code=77)
        if n == 5:
            drive.restart()
            drive.join(cores=4, session=2)
        drive.tick(drive.at + 100 * SHORT_MS)
    code, text = why(drive, 1)
    assert code == "licence_denied" and text.endswith(f"try {DENIED_MAX} of {DENIED_MAX}")
    drive.ask("release", 1)
    assert drive.runs() == [(1, 0, DENIED_MAX + 1)]


def test_the_same_code_of_a_job_without_that_licence_is_a_failure() -> None:
    """What it means is said of the licence."""
    drive = denying()
    drive.submit(job())
    drive.finish(1, code=77)
    assert drive.state(1) == "failed"


def test_what_it_wrote_tells_as_well_as_its_exit_code() -> None:
    """The node says which pattern it found; another licence's says nothing."""
    metering = {
        "abaqus": Metering(pattern="checkout failed"),
        "x": Metering(pattern="no x"),
    }
    drive = ruled(licences={"abaqus": 5, "x": 1}, metering=metering)
    drive.submit(SPEC)
    [run] = [effect for effect in drive.effects if isinstance(effect, Run)]
    assert run.denied_if == ("checkout failed",)
    drive.finish(1, code=3, why=said("checkout failed"))
    code, text = why(drive, 1)
    assert code == "retry_delay"
    assert "abaqus denied it a licence: its output has 'checkout failed'" in text
    drive.tick(drive.at + SHORT_MS)
    drive.finish(1, n=2, code=3, why=said("no x"))
    row = drive.ledger.attempts[1, 0, 2]
    assert row.reason is not None and row.reason.code == "exit_code"


def said(pattern: str) -> Reason:
    """Return the reason that a node gives for a job that wrote *pattern*."""
    return reason("exit_code", code=3)._replace(evidence={"code": 3, "denied": pattern})
