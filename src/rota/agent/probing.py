"""Probes: the site's own commands that say whether a node is well.

start ─▶ first probe ─▶ … ─▶ last ─▶ all well, or what is wrong ─▶ a pause ─▶ first …
             ╰ too long: killed, with all that it started

Until all have run once the node takes no work.  None holds the agent up: each is looked
at again after a while, and what it says goes to a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from typing import IO, Callable, List, Optional, Sequence

from rota.agent.clock import boot_ms
from rota.agent.reactor import Reactor

EVERY_MS = 60_000
TIMEOUT_MS = 20_000
LOOK_MS, LOOK_MS_MAX = 10, 500
SAID_MAX = 300


class Probes:
    """See the head of the file.

    Attributes:
        trouble: what is wrong with the node; None: nothing

    Args:
        told: is called whenever all have been run
    """

    def __init__(
        self,
        reactor: Reactor,
        commands: Sequence[str],
        *,
        told: Callable[[], None],
        every_ms: int = EVERY_MS,
        timeout_ms: int = TIMEOUT_MS,
    ) -> None:
        self._reactor, self._commands, self._told = reactor, list(commands), told
        self._every_ms, self._timeout_ms = every_ms, timeout_ms
        self._wrong: List[str] = []
        self.trouble: Optional[str] = "its probes are being run" if commands else None

    def start(self) -> None:
        """Run them all, and again and again."""
        if self._commands:
            self._wrong = []
            # From the loop, so that nobody is told of an end before it turns.
            self._reactor.after(0, lambda: self._begin(0))

    def _begin(self, at: int) -> None:
        if at == len(self._commands):
            self.trouble = "; ".join(self._wrong) or None
            self._told()
            self._reactor.after(self._every_ms, self.start)
            return
        said = tempfile.TemporaryFile()  # noqa: SIM115
        process = subprocess.Popen(
            ["/bin/sh", "-c", self._commands[at]], stdin=subprocess.DEVNULL, stdout=said,
            stderr=said, start_new_session=True, cwd="/",
        )  # fmt: skip
        self._wait(at, process, said, until=boot_ms() + self._timeout_ms, pause_ms=LOOK_MS)

    def _wait(
        self, at: int, process: subprocess.Popen[bytes], said: IO[bytes], *, until: int,
        pause_ms: int,
    ) -> None:  # fmt: skip
        code = process.poll()
        if code is None and boot_ms() < until:
            longer = min(2 * pause_ms, LOOK_MS_MAX)
            self._reactor.after(
                pause_ms,
                lambda: self._wait(at, process, said, until=until, pause_ms=longer),
            )
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if code is None:
            process.wait()
            what = f"did not end within {self._timeout_ms / 1000:g} s"
        else:
            what = f"ended with {code}"
        if code != 0:
            self._wrong.append(f"probe `{self._commands[at]}` {what}{_last(said)}")
        said.close()
        self._begin(at + 1)


def _last(said: IO[bytes]) -> str:
    """Return the end of what was *said*, on one line."""
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - SAID_MAX))
    words = " ".join(said.read().decode("utf-8", "replace").split())
    return f": {words}" if words else ""
