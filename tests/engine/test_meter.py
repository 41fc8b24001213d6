"""Licences that others use too: what is measured, and what is given of them."""

from __future__ import annotations

from typing import Any

from rota.core.licences import Checkout, Reading
from rota.core.resources import Request
from rota.engine.events import Metered
from rota.sched.licences import Metering
from tests.engine.drive import Drive, job, ruled, why

PROBED = Metering(("command", "x"), "abaqus", max_age_ms=100_000, settle_ms=10_000)


def metered(**more: Any) -> Drive:
    """Return a mind where five abaqus are declared, and others use them, too."""
    metering = Metering(**{**vars_of(PROBED), **more})
    return ruled(licences={"abaqus": 5}, metering={"abaqus": metering})


def vars_of(metering: Metering) -> dict[str, Any]:
    """Return the fields of *metering*."""
    return {name: getattr(metering, name) for name in Metering.__dataclass_fields__}


def measure(drive: Drive, **said: Any) -> None:
    """Let the licence server say *said* now."""
    drive.tell(Metered(drive.at, {"abaqus": Reading(drive.at, **said)}))


def needs(tokens: int) -> Any:
    """Return a job that takes so many."""
    return job(request=Request(licences=(("abaqus", tokens),)))


def test_nothing_is_given_before_it_was_measured_and_then_what_others_left() -> None:
    """Three of five are out: a job for two starts, the next waits and says why."""
    drive = metered()
    drive.submit(needs(2))
    assert "its probe said nothing yet" in why(drive, 1)[1]
    measure(drive, used=3)
    assert drive.runs() == [(1, 0, 1)]
    drive.submit(needs(1))
    code, text = why(drive, 2)
    assert code == "licence" and text.endswith("abaqus: 3 used outside Rota")


def test_the_others_give_back_and_the_waiting_job_starts() -> None:
    """A reading is an event like others: a round follows."""
    drive = metered()
    measure(drive, used=5)
    drive.submit(needs(2))
    assert drive.runs() == []
    measure(drive, used=3)
    assert drive.runs() == [(1, 0, 1)]


def test_ours_is_not_counted_twice() -> None:
    """The server shows what we took: two of ours, one of others: that leaves two."""
    drive = metered()
    measure(drive, used=0)
    drive.submit(needs(2))
    shown = (Checkout("ann", "n1", 2), Checkout("x", "desk", 1))
    measure(drive, used=3, checkouts=shown)
    drive.submit(needs(2))
    assert drive.runs() == [(2, 0, 1)]


def test_an_old_reading_is_none() -> None:
    """``when_unknown: hold`` gives nothing; the time alone makes a round look again."""
    drive = metered(when_unknown="declared")
    measure(drive, used=5)
    drive.submit(needs(2))
    assert drive.runs() == []
    drive.tick(drive.at + 200_000)
    assert drive.runs() == [(1, 0, 1)]


def test_what_is_not_in_the_rules_is_nobodys_business() -> None:
    """A probe that answers after its licence was taken out of the file changes nothing."""
    drive = metered()
    drive.tell(Metered(drive.at, {"gone": Reading(drive.at, used=1)}))
    assert drive.mind.memory.measured == {}
