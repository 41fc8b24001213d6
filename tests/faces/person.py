"""A person at a terminal: a program on a pseudo-terminal, keys typed when text appears.

with Person(cluster, "run", "--", "x") as person:
    person.sees("hi")
    person.presses("^C")
    assert person.is_left_with(130)
"""

from __future__ import annotations

import os
import pty
import select
import time
from types import TracebackType

from tests.client.cluster import Cluster

PATIENCE_S = 30.0


class Person:
    """See the head of the file."""

    def __init__(self, cluster: Cluster, *words: str) -> None:
        self.text = ""
        self._raw = b""
        command = cluster.command(*words)
        env = {**cluster.env, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
        self._pid, self._screen = pty.fork()
        if self._pid == 0:
            os.execve(command[0], command, env)

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._screen)

    def sees(self, text: str) -> None:
        """Wait until *text* is on the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.text}"
            if not self._read():
                break
        assert text in self.text, f"{text!r} never came:\n{self.text}"

    def presses(self, key: str) -> None:
        """Press *key*; ^C and its like."""
        os.write(self._screen, b"\x03" if key == "^C" else key.encode())

    def is_left_with(self, code: int) -> bool:
        """Wait until the program ends; say whether it did with *code*."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        ended = os.waitstatus_to_exitcode(status)
        assert ended == code, f"ended with {ended}:\n{self.text}"
        return True

    def _read(self) -> bool:
        ready, _, _ = select.select([self._screen], [], [], PATIENCE_S)
        assert ready, f"nothing happens any more:\n{self.text}"
        try:
            piece = os.read(self._screen, 65536)
        except OSError:
            return False  # the other side of a terminal closes with an error
        self._raw += piece
        self.text = self._raw.decode("utf-8", "replace")
        return bool(piece)
