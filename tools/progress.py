"""What the tools show while they work: one line for each step, with its time.

format      ✓   0.3 s
types       ⠹   4 s  mypy          on a terminal, while it runs
floors      ✗   2.1 s              and then what it said
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
COLOURS = {"✓": "\033[32m", "✗": "\033[31m", "–": "\033[33m"}


class Step:
    """A step that is under way; ``end`` prints how it went."""

    def __init__(self, name: str, *, width: int = 14) -> None:
        self.name = name
        self.width = width
        self._began = time.monotonic()
        self._turns = 0

    @property
    def seconds(self) -> float:
        """For how long it has been under way."""
        return time.monotonic() - self._began

    def turn(self, detail: str = "") -> None:
        """Show, on a terminal only, that it is still under way."""
        if not sys.stdout.isatty():
            return
        self._turns += 1
        sign = SPINNER[self._turns % len(SPINNER)]
        line = f"{self.name:<{self.width}}{sign} {self.seconds:5.0f} s  {detail[:48]}"
        print(f"\r\033[K{line}", end="", flush=True)

    def end(self, sign: str, detail: str = "") -> None:
        """Print the step's line for good."""
        clear = "\r\033[K" if sys.stdout.isatty() else ""
        shown = sign
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            shown = f"{COLOURS.get(sign, '')}{sign}\033[0m"
        line = f"{self.name:<{self.width}}{shown} {self.seconds:6.1f} s  {detail}"
        print(f"{clear}{line.rstrip()}", flush=True)


def watch(
    command: Sequence[str],
    *,
    log: Path,
    step: Step,
    env: Mapping[str, str] | None = None,
    say: Callable[[str], str] = str.strip,
) -> int:
    """Run *command* with its output in *log*, turning *step*; return its exit code.

    say: makes of the last line of the log what is shown beside the step.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=0.12)
                step.turn(say(last_line(log)))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def last_line(path: Path) -> str:
    """Return the last line of *path* that is not empty."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2000))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")
