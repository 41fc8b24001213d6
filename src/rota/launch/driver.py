"""The one driver of all launchers: runs commands, bounded in time, output and number.

    run(Command) ──▶ process in a session of its own ──▶ Output
                     killed with all its children when its time is up

What it ran is kept, a line of JSON each, in the pool's own log: ``rota pool log NAME``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from rota.launch.contract import Command, Output

TIMEOUT_S = 60.0
OUTPUT_MAX = 8 << 20
AT_ONCE = 4
LOG_MAX = 2 << 20
SAID_KEPT = 4000


class Driver:
    """See the head of the file; one thread waits for each command that runs."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(AT_ONCE, "rota-launch")
        self._live: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    async def run(self, command: Command) -> Output:
        """Run *command* and return what became of it; it never raises for that."""
        running = asyncio.get_running_loop()
        return await running.run_in_executor(self._threads, self._run, command)

    def close(self) -> None:
        """End what still runs: nobody waits for it any more."""
        self._closed = True
        for process in list(self._live):
            _kill(process)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, command: Command) -> Output:
        began = time.monotonic()
        # Files, not pipes: a command need not read its input, and what it leaves running
        # in the background may keep its output open for as long as it likes.
        with TemporaryFile() as script, TemporaryFile() as out, TemporaryFile() as err:
            script.write(command.stdin.encode())
            script.seek(0)
            try:
                process = subprocess.Popen(
                    command.argv, stdin=script, stdout=out, stderr=err, cwd="/",
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                return Output(command, 127, "", f"{command.argv[0]}: {error.strerror}")
            code = self._wait(process)
            took_s = time.monotonic() - began
            return Output(command, code, _read(out), _read(err), took_s)

    def _wait(self, process: subprocess.Popen[bytes]) -> int | None:
        """Return its exit code; None when it did not end in time, or as we end."""
        self._live.add(process)
        try:
            code = process.wait(self._timeout_s)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                _kill(process)
                process.wait()
            self._live.discard(process)
        return None if self._closed else code


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(file: IO[bytes]) -> str:
    """Return what was written, from its beginning; nobody can want more of it."""
    file.seek(0)
    return file.read(OUTPUT_MAX).decode("utf-8", "replace")


class LaunchLog:
    """What was run for a pool, and what came of it: the last few thousand commands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, what: str, output: Output, *, at: int) -> None:
        """Add a line; the older half goes to a second file when this one is long."""
        line = {
            "at": at,
            "what": what,
            "command": str(output.command)[:SAID_KEPT],
            "code": output.code,
            "out": output.out[:SAID_KEPT],
            "err": output.err[:SAID_KEPT],
            "took_s": round(output.took_s, 3),
        }
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > LOG_MAX:
            self.path.replace(self.path.with_suffix(".old"))
        with open(self.path, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what was noted, oldest first; a line that was cut off is left out."""
        for path in (self.path.with_suffix(".old"), self.path):
            with contextlib.suppress(FileNotFoundError):
                for line in path.read_text("utf-8", "replace").splitlines():
                    with contextlib.suppress(ValueError):
                        yield json.loads(line)
