"""Ranks of this node alone: no server is asked."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = "import sys; from rota.agent.spread import main; sys.exit(main())"


def spread(*words: str) -> subprocess.CompletedProcess[str]:
    """Call it as a job of one node with room for two ranks would."""
    return subprocess.run(
        [sys.executable, "-c", CODE, "", "spread", *words], capture_output=True, text=True,
        timeout=30, check=False,
        env={**os.environ, "ROTA_NODELIST": "n1", "ROTA_RANKS": "2"},
    )  # fmt: skip


def test_all_is_shown_and_the_worst_is_told() -> None:
    """Output of both, and whose exit code it is."""
    done = spread("-n", "2", "-l", "sh", "-c", "echo $ROTA_RANK; exit $((ROTA_RANK * 4))")
    assert sorted(done.stdout.splitlines()) == ["0: 0", "1: 1"]
    assert done.returncode == 4
    assert done.stderr == "rota spread: rank 1 on n1: exited with 4\n"


def test_one_that_fails_ends_the_others_if_asked() -> None:
    """TERM to all that are left."""
    text = "if [ $ROTA_RANK = 1 ]; then exit 3; fi; sleep 60"
    done = spread("-K", "-n", "2", "sh", "-c", text)
    assert done.returncode == 143 and "rank 1 on n1: exited with 3" in done.stderr


def test_what_is_not_there() -> None:
    """As a shell tells it."""
    done = spread("./nothing")
    assert done.returncode == 127
    assert "rank 0 on n1: ./nothing: No such file or directory" in done.stderr


def test_who_lives_on_in_the_background_is_not_waited_for() -> None:
    """It holds the pipe; the rank is over all the same."""
    done = spread("sh", "-c", "sleep 30 & echo done")
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_too_many_are_refused() -> None:
    """The room is the job's."""
    done = spread("-n", "3", "true")
    assert done.returncode == 2 and "3 ranks are more than there is room for" in done.stderr
