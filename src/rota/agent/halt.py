"""A way to stop work in a thread: at its next step, or out of a wait for the network.

halt.stop()  ──▶  check() raises Halted · pause() ends · guarded sockets are shut
"""

from __future__ import annotations

import socket
import threading
from typing import Optional


class Halted(Exception):
    """Somebody does not want the result any more."""


class Halt:
    """See the head of the file."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._guarded: Optional[socket.socket] = None

    @property
    def is_stopped(self) -> bool:
        """Was ``stop`` called?"""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the work; may be called from any thread, and again."""
        with self._lock:
            self._stopped.set()
            if self._guarded is not None:
                _shut(self._guarded)

    def check(self) -> None:
        """Return if the work goes on.

        Raises:
            Halted: it does not.
        """
        if self._stopped.is_set():
            raise Halted

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until somebody stops the work.

        Raises:
            Halted: somebody did.
        """
        if self._stopped.wait(seconds):
            raise Halted

    def guard(self, connection: Optional[socket.socket]) -> None:
        """Shut *connection* when the work is stopped; None: nothing to shut any more."""
        with self._lock:
            self._guarded = connection
            if connection is not None and self._stopped.is_set():
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is shut already.
        return
