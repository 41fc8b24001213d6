"""The agent of the server's own machine: a process of its own, started again when it dies.

    server ──▶ python -m rota.agent --server unix:… --home HOME/node      own session
               SIGTERM at a clean stop; its shepherd and the jobs live on

An agent that an earlier server left behind is asked to go first: the new one has today's
version and options, and the jobs are the shepherd's anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rota.server.home import Home

log = logging.getLogger("rota.local")

BACKOFF_S = (0.5, 1, 2, 5, 10, 30)
STEADY_S = 60.0
STOP_S_MAX = 5.0
LEAVE_S_MAX = 5.0
LOOK_S = 0.02


class LocalAgent:
    """See the head of the file."""

    def __init__(self, home: Home, *, options: Sequence[str]) -> None:
        self._home, self._options = home, options
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pids(self) -> list[int]:
        """The agent's process id, if it lives."""
        process = self._process
        return [process.pid] if process and process.returncode is None else []

    async def start(self) -> None:
        """Start the agent, and again whenever it ends."""
        await replace_old(self._home.node)
        self._process = await self._spawn()
        self._task = asyncio.create_task(self._watch(), name="local agent")

    async def stop(self) -> None:
        """End the agent; what it runs goes on under its shepherd."""
        if self._task is not None:
            self._task.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_S_MAX)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _spawn(self) -> asyncio.subprocess.Process:
        with open(self._home.agent_log, "ab") as out:
            return await asyncio.create_subprocess_exec(
                *self._command(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                cwd="/",
            )

    def _command(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "rota.agent",
            "--server",
            f"unix:{self._home.sock}",
            "--token-file",
            str(self._home.agent_token),
            "--home",
            str(self._home.node),
            *self._options,
        ]

    async def _watch(self) -> None:
        tries = 0
        clock = asyncio.get_running_loop().time
        while self._process is not None:
            began = clock()
            code = await self._process.wait()
            tries = 0 if clock() - began > STEADY_S else tries + 1
            pause = BACKOFF_S[min(tries, len(BACKOFF_S)) - 1] if tries else 0
            log.warning("the local agent ended (%s); again in %s s", code, pause)
            await asyncio.sleep(pause)
            self._process = await self._spawn()


async def replace_old(node: Path) -> None:
    """Ask an agent that holds *node* to go, and wait until it has."""
    lock = node / "agent.lock"
    if not lock.exists():
        return
    with open(lock, encoding="utf-8") as file:
        if _free(file.fileno()):
            return
        pid = _pid_in(file.read())
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            if pid is None or not _signal_agent(pid, wanted):
                break
            if await _wait_free(file.fileno()):
                return
    log.warning("another agent holds %s and did not go", node)


def _free(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(fd, fcntl.LOCK_UN)
    return True


async def _wait_free(fd: int) -> bool:
    for _ in range(int(LEAVE_S_MAX / LOOK_S)):
        if _free(fd):
            return True
        await asyncio.sleep(LOOK_S)
    return False


def _pid_in(text: str) -> int | None:
    return next(
        (int(word) for word in text.replace('"', " ").split() if word.isdigit()), None
    )


def _signal_agent(pid: int, wanted: signal.Signals) -> bool:
    """Send *wanted* to *pid* if that is an agent of ours: never to a stranger (G14)."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"rota.agent" not in words:
            return False
        signal.pidfd_send_signal(fd, wanted)
    except (FileNotFoundError, ProcessLookupError):
        return False
    finally:
        os.close(fd)
    return True
