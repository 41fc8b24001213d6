"""Commands are run bounded in time and output, and what they said is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rota.launch.contract import Command, Output
from rota.launch.driver import LOG_MAX, Driver, LaunchLog


def _run(*argv: str, stdin: str = "", timeout_s: float = 30.0) -> Output:
    async def run() -> Output:
        return await Driver(timeout_s=timeout_s).run(Command(argv, stdin))

    return asyncio.run(run())


def test_a_command_gets_its_input_and_gives_its_output() -> None:
    """Both streams, and the exit code."""
    done = _run("sh", "-c", "cat; echo no >&2; exit 3", stdin="hello")
    assert (done.code, done.out, done.err) == (3, "hello", "no\n")
    assert done.said == "no hello"


def test_a_command_that_is_not_there_is_told() -> None:
    """As a shell would: 127."""
    done = _run("rota-no-such-command")
    assert done.code == 127
    assert "rota-no-such-command" in done.err


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """What does not answer holds nobody up, and nothing of it stays."""
    told = tmp_path / "pid"
    done = _run("sh", "-c", f"sleep 1000 & echo $! >{told}; wait", timeout_s=0.5)
    assert done.code is None
    state = Path(f"/proc/{told.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split(")")[1].split()[0] in "ZX"


def test_a_command_that_does_not_read_is_no_trouble() -> None:
    """A large script meets a program that ends at once."""
    assert _run("true", stdin="x" * 1_000_000).code == 0


def test_the_log_keeps_what_was_run(tmp_path: Path) -> None:
    """A line for each command, also after a line that was cut off, bounded in size."""
    log = LaunchLog(tmp_path / "big" / "launch.log")
    log.note("submit", Output(Command(("sbatch",)), 1, "", "no"), at=5)
    with open(log.path, "a", encoding="utf-8") as file:
        file.write('{"at": 6, "wh')
    [line] = log.lines()
    assert (line["what"], line["code"], line["err"]) == ("submit", 1, "no")
    log.path.write_text("x" * (LOG_MAX + 1))
    log.note("poll", Output(Command(("squeue",)), 0, "", ""), at=7)
    assert [line["what"] for line in log.lines()] == ["poll"]
    assert log.path.stat().st_size < 1000
