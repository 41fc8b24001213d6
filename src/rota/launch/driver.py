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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rota.launch.contract import Command, Output

TIMEOUT_S = 60.0
OUTPUT_MAX = 8 << 20
AT_ONCE = 4
LOG_MAX = 2 << 20
SAID_KEPT = 4000


class Driver:
    """See the head of the file."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, command: Command) -> Output:
        """Run *command* and return what became of it; it never raises for that."""
        async with self._turns:
            return await self._run(command)

    async def _run(self, command: Command) -> Output:
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            return Output(command, 127, "", f"{command.argv[0]}: {error.strerror}")
        # Who ends without having read its input is not waited for to do so.
        feeding = asyncio.create_task(_feed(process, command.stdin))
        talk = asyncio.gather(
            _read(process.stdout),
            _read(process.stderr),
            process.wait(),
        )
        try:
            out, err, code = await asyncio.wait_for(talk, self._timeout_s)
        except TimeoutError:
            return Output(command, None, "", "", clock() - began)
        finally:
            feeding.cancel()
            # Also when we are cancelled: nothing of it may stay behind.
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return Output(command, code, out, err, clock() - began)


async def _feed(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(text.encode())
        await process.stdin.drain()
    process.stdin.close()


async def _read(stream: asyncio.StreamReader | None) -> str:
    """Read to the end; what is more than anybody can want is read and dropped."""
    assert stream is not None
    parts: list[bytes] = []
    left = OUTPUT_MAX
    while data := await stream.read(1 << 16):
        parts.append(data[:left])
        left -= len(parts[-1])
    return b"".join(parts).decode("utf-8", "replace")


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
