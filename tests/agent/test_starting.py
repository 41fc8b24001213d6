"""What attempts are given at their start: only what they ask for."""

from __future__ import annotations

import os

from tests.agent.server import Node


def test_input_is_empty_unless_asked_for(shared: Node) -> None:
    """The common case: the null device, without a pipe."""
    assert shared.output_of(argv=["readlink", "/proc/self/fd/0"]) == "/dev/null\n"


def test_an_open_input_is_a_pipe(shared: Node) -> None:
    """It can be opened by name as well."""
    text = shared.output_of(stdin="open", argv=["readlink", "/proc/self/fd/0"])
    assert text.startswith("pipe:")


def test_a_start_that_fails_leaves_no_pipe(shared: Node) -> None:
    """Neither end of it stays open in the shepherd."""
    (pid,) = shared.shepherd_pids()
    before = len(os.listdir(f"/proc/{pid}/fd"))
    for _ in range(3):
        end = shared.ran(stdin="open", argv=["no-such-command"])
        assert end["reason"]["code"] == "not_found"
    assert len(os.listdir(f"/proc/{pid}/fd")) <= before
