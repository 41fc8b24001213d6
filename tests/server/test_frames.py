"""Frames: fast when right, forgiving by the message, never believing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.server import frames
from rota.server.frames import Frames
from rota.wire import agent as wire

A = [12, 7, 1]
REASON = {"code": "ok", "text": "ended with exit code 0"}


def read(*messages: Any) -> tuple[list[frames.Message], list[str]]:
    """Read messages as one frame."""
    return Frames.read(json.dumps(messages))


def test_everything_an_agent_can_say_is_understood() -> None:
    """What ``wire.agent`` builds, this reads: the two cannot drift apart."""
    said = [
        wire.hello(name="n", instance="i", boot="b", cores=[0, 1], memory=5,
                   holds=[[*A, "running", 3]], gpus=[0], labels=["x"]),
        wire.started(A, at=5, pid=6),
        wire.suspended(A, at=6, on=True),
        wire.finished(A, started_at=5, at=6, exit_code=0, signal=None, reason=REASON,
                      usage={"cpu_s": 0.5}),
        wire.declined(A, REASON),
        wire.beat(at=1, load=0.1, memory_free=2, disk_free=3),
        wire.health(None),
        wire.progress(A, done=1, total=None, text="…"),
        wire.samples([[*A, 1, 2, 3, 4, 5, 6]]),
        wire.data(1, offset=0, b64="", size=0, eof=True),
        {"t": "fed", "id": 1, "at": 5},
        {"t": "phase", "a": A, "phase": "executing"},
        {"t": "staged", "id": 1, "tree": None, "files": 2, "bytes": 3},
    ]  # fmt: skip
    found, bad = Frames.read(wire.encode(said))
    assert bad == []
    assert {m.__struct_config__.tag for m in found} == set(wire.FROM_AGENT)


@pytest.mark.parametrize(
    "bad",
    [
        {"t": "started", "a": [1, 2], "at": 5},
        {"t": "started", "a": A, "at": -1},
        {"t": "finished", "a": A, "at": 1, "reason": "ok"},
        {"t": "samples", "rows": [[1, 2, 3]]},
        {"t": "later"},
        {},
        7,
        None,
    ],
    ids=repr,
)
def test_one_bad_message_is_one_complaint(bad: Any) -> None:
    """Its neighbours are taken."""
    good = {"t": "started", "a": A, "at": 5}
    found, complaints = read(good, bad, good)
    assert [m.a for m in found if isinstance(m, frames.StartedIn)] == [tuple(A)] * 2
    assert len(complaints) == 1


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """No input does anything else."""
    try:
        found, bad = Frames.read(raw)
    except ValueError as error:
        assert "not a frame" in str(error)
    else:
        assert isinstance(found, list)
        assert isinstance(bad, list)


def test_a_frame_is_bounded_in_count_and_bytes() -> None:
    """A long queue leaves in several frames, in order and whole."""
    messages = [{"t": "beat", "n": n, "x": "y" * 100} for n in range(50)]
    sent: list[Any] = []
    rest = messages
    while rest:
        text, taken = frames.write(rest, count_max=20, bytes_max=1000)
        part = json.loads(text)
        assert 0 < len(part) == taken <= 20
        assert len(text) < 1000 + 200
        sent += part
        rest = rest[taken:]
    assert sent == messages


def test_over_long_text_is_cut() -> None:
    """A reason is a sentence, not a book."""
    (message,), _ = read(
        {"t": "declined", "a": A, "reason": {"code": "x", "text": "y" * 9999}}
    )
    assert isinstance(message, frames.DeclinedIn)
    assert len(message.reason.take().text) == frames.TEXT_MAX
