"""The rules change, and time passes: what was forbidden is looked at again."""

from __future__ import annotations

from typing import Any

from rota.core.errors import NotAllowed
from rota.core.resources import Request
from rota.engine.events import Configured
from rota.sched.problem import Window
from rota.sched.rules import Rules
from tests.engine.drive import ANN, BOB, job, ruled, why


def licensed(count: int, **more: Any) -> Any:
    """Return a job that wants so many licences."""
    return job(request=Request(licences=(("abaqus", count),)), **more)


def test_fewer_licences_than_are_held_are_no_contradiction() -> None:
    """What runs goes on; nothing starts until enough came back."""
    drive = ruled(licences={"abaqus": 2})
    drive.submit(licensed(1), licensed(1), licensed(1))
    drive.configure(licences={"abaqus": 1})
    drive.finish(1)
    assert drive.runs() == []
    drive.finish(2)
    assert drive.runs() == [(3, 0, 1)]


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
