"""How far a move of files is, on a line of its own, where somebody watches."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from rota.client.http import Client

LOOK_S = 0.2
LEAST = 8 << 20
"""Moves of fewer bytes are over before anybody has read a line about them."""


@contextmanager
def moving(client: Client, doing: str) -> Iterator[None]:
    """Tell on standard error, if it is a terminal, how far *client*'s moves are."""
    if not sys.stderr.isatty():
        yield
        return
    shown_at = 0.0

    def told(done: int, total: int) -> None:
        nonlocal shown_at
        if total < LEAST or time.monotonic() - shown_at < LOOK_S:
            return
        shown_at = time.monotonic()
        sys.stderr.write(f"\r\x1b[K{line(doing, done, total=total)}")
        sys.stderr.flush()

    client.told = told
    try:
        yield
    finally:
        client.told = None
        if shown_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def line(doing: str, done: int, *, total: int) -> str:
    """Return "fetching: 12 MiB of 1 GiB, 1 %"."""
    from rota.core.units import show_size

    part = 100 * done // total if total else 100
    return f"{doing}: {show_size(done)} of {show_size(total)}, {part} %"
