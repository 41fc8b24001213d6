"""Nodes closed by hand for a while, and those that come and go too often."""

from __future__ import annotations

from rota.engine.draining import CLOSED_MS, FLAPS, WITHIN_MS
from rota.engine.events import NodeAsked
from tests.engine.drive import ANN, Drive

HOUR_MS = 3_600_000


def drained(drive: Drive) -> str | None:
    """Return why n1 is closed."""
    why = drive.mind.memory.nodes["n1"].drained
    return None if why is None else why.text


def ask(drive: Drive, verb: str, for_ms: int | None = None) -> None:
    """Let an administrator drain n1, or open it."""
    drive.tell(NodeAsked(drive.at, ANN, verb, ["n1"], "dust", for_ms=for_ms))


def flap(drive: Drive, times: int, *, apart_ms: int) -> None:
    """Let the agent of n1 come and go so often."""
    for turn in range(times):
        drive.tick(drive.at + apart_ms)
        drive.join("n1", session=turn + 10)
        drive.leave("n1", session=turn + 10)


def test_a_drain_ends_when_it_was_said_to() -> None:
    """Work starts there again by itself."""
    drive = Drive()
    drive.join("n1")
    ask(drive, "drain", for_ms=HOUR_MS)
    drive.submit()
    drive.tick(drive.at + HOUR_MS - 1)
    assert drained(drive) == "drained by ann: dust"
    assert not drive.mind.memory.allocs
    drive.tick(drive.at + 1)
    assert drained(drive) is None
    assert len(drive.mind.memory.allocs) == 1


def test_the_end_of_a_drain_outlives_the_server() -> None:
    """It was written down with the reason."""
    drive = Drive()
    drive.join("n1")
    ask(drive, "drain", for_ms=HOUR_MS)
    drive.restart()
    assert drained(drive) is not None
    drive.tick(drive.at + HOUR_MS)
    assert drained(drive) is None


def test_who_drains_again_for_good_means_it() -> None:
    """The end that was said before opens nothing."""
    drive = Drive()
    drive.join("n1")
    ask(drive, "drain", for_ms=HOUR_MS)
    ask(drive, "drain")
    drive.tick(drive.at + 2 * HOUR_MS)
    assert drained(drive) is not None


def test_a_node_that_flaps_is_closed_for_a_while_and_told() -> None:
    """Its number of times and the window are in the sentence."""
    drive = Drive()
    flap(drive, FLAPS - 1, apart_ms=1_000)
    assert drained(drive) is None
    flap(drive, 1, apart_ms=1_000)
    assert drained(drive) == f"its agent left {FLAPS} times within 10m00s"
    drive.join("n1", session=99)
    drive.submit()
    drive.tick(drive.at + CLOSED_MS - 1)
    assert not drive.mind.memory.allocs
    drive.tick(drive.at + 1)
    assert len(drive.mind.memory.allocs) == 1


def test_a_node_that_goes_home_every_evening_does_not_flap() -> None:
    """Only what lies close together counts."""
    drive = Drive()
    flap(drive, 3 * FLAPS, apart_ms=WITHIN_MS // (FLAPS - 1) + 1)
    assert drained(drive) is None


def test_an_administrator_opens_it_at_once() -> None:
    """And what was counted is forgotten."""
    drive = Drive()
    flap(drive, FLAPS, apart_ms=1_000)
    ask(drive, "undrain")
    assert drained(drive) is None
    flap(drive, FLAPS - 1, apart_ms=1_000)
    assert drained(drive) is None


def test_pilots_come_and_go_as_they_are_meant_to() -> None:
    """Their pool backs off for them."""
    drive = Drive()
    for turn in range(2 * FLAPS):
        drive.join("big-1", session=turn + 10)
        drive.leave("big-1", session=turn + 10)
    state = drive.mind.memory.nodes["big-1"]
    assert state.drained is None
