"""How an attempt ended is what the kernel says, with the evidence beside it."""

from __future__ import annotations

import signal

import pytest

from tests.agent.server import Node, until


@pytest.mark.parametrize("code", [0, 1, 3, 127, 137, 255])
def test_g11_the_exit_code_is_the_kernels(shared: Node, code: int) -> None:
    """137 is an exit code like any other, not a guess at memory."""
    end = shared.ran(command=f"exit {code}")
    assert (end["exit"], end["sig"]) == (code, None)
    assert end["reason"]["code"] == ("ok" if code == 0 else "exit_code")
    assert end["s"] <= end["at"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE])
def test_g11_the_signal_is_the_kernels(shared: Node, number: int) -> None:
    """A job that dies of a signal is told apart from one that exits with 128+N."""
    end = shared.ran(command=f"kill -{int(number)} $$")
    assert (end["exit"], end["sig"]) == (None, number)
    assert end["reason"]["code"] == "signal"
    assert end["reason"]["text"].startswith(f"killed by signal {int(number)} (SIG")


def test_a_job_may_ask_by_a_file_to_be_run_again(shared: Node) -> None:
    """Whatever it exits with, in its own words; the next task of the strip does not."""
    job = next(shared.jobs)
    text = (
        "[ {task} = 1 ] || { printf 'no GPU\\033 here\\n' > $ROTA_REQUEUE; exit {task}; }"
    )
    shared.run(job, [[n, 1, None] for n in (0, 1, 2)], command=text)
    for task, code in ((0, "requeue"), (1, "ok"), (2, "requeue")):
        end = shared.finished(job, task)
        assert (end["reason"]["code"], end["exit"]) == (code, task if task == 2 else 0)
    told = shared.finished(job, 0)["reason"]["text"]
    assert told == "asked by $ROTA_REQUEUE to be run again: no GPU  here"


def test_who_is_killed_asks_for_nothing(shared: Node) -> None:
    """Its end was decided by somebody else."""
    job = next(shared.jobs)
    shared.run(job, command="echo again > $ROTA_REQUEUE; echo on; exec sleep 60")
    until(lambda: shared.wrote(job) == "on\n", "it runs")
    shared.kill(job, grace_ms=0)
    assert shared.finished(job)["reason"]["code"] == "killed"


@pytest.mark.parametrize(("code", "found"), [(3, "checkout .* failed"), (0, None)])
def test_a_denied_licence_is_told_of_a_job_that_failed(
    shared: Node, code: int, found: str | None
) -> None:
    """With the line; one that ended well had its licence in the end."""
    job = next(shared.jobs)
    text = f"echo x; echo checkout of a failed; echo y; exit {code}"
    shared.run(job, command=text, denied_if=["nothing", "checkout .* failed"])
    evidence = shared.finished(job)["reason"].get("evidence", {})
    assert evidence.get("denied") == found
    assert evidence.get("line") == (found and "checkout of a failed")
