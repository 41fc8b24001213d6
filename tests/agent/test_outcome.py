"""How an attempt ended is what the kernel says, with the evidence beside it."""

from __future__ import annotations

import signal

import pytest

from tests.agent.server import Node


@pytest.mark.parametrize("code", [0, 1, 3, 127, 137, 255])
def test_the_exit_code_is_the_kernels(shared: Node, code: int) -> None:
    """137 is an exit code like any other, not a guess at memory."""
    end = shared.ran(command=f"exit {code}")
    assert (end["exit"], end["sig"]) == (code, None)
    assert end["reason"]["code"] == ("ok" if code == 0 else "exit_code")
    assert end["s"] <= end["at"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE])
def test_the_signal_is_the_kernels(shared: Node, number: int) -> None:
    """A job that dies of a signal is told apart from one that exits with 128+N."""
    end = shared.ran(command=f"kill -{int(number)} $$")
    assert (end["exit"], end["sig"]) == (None, number)
    assert end["reason"]["code"] == "signal"
    assert end["reason"]["text"].startswith(f"killed by signal {int(number)} (SIG")
