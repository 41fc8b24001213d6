"""What many ranks write, as one reader wants it: whole lines, labelled if asked.

take(3, b"a\nb", …) ──▶ "3: a\n"     … end(3) ──▶ "3: b\n"
"""

from __future__ import annotations

import os
from typing import Dict, Tuple

HELD_MAX = 64 << 10
"""Bytes of a line without an end that are held back; more is shown as it is."""


class Shown:
    """Writes to this process's own standard output and standard error."""

    def __init__(self, *, label: bool, raw: bool) -> None:
        """Put the rank before each line, with *label*; with *raw* pass on what comes."""
        self._label = label
        self._raw = raw
        self._held: Dict[Tuple[int, bool], bytes] = {}

    def take(self, rank: int, data: bytes, *, is_err: bool) -> None:
        """Show what of *data* is whole lines; the rest is held until its end comes."""
        if self._raw:
            _write(data, is_err)
            return
        text = self._held.pop((rank, is_err), b"") + data
        end = text.rfind(b"\n") + 1
        if len(text) - end > HELD_MAX:
            end = len(text)
        if text[end:]:
            self._held[rank, is_err] = text[end:]
        self._put(rank, text[:end], is_err)

    def end(self, rank: int) -> None:
        """Show what is held of *rank*: no more comes."""
        for is_err in (False, True):
            held = self._held.pop((rank, is_err), b"")
            # Labelled, the next line of another rank must not join it.
            self._put(rank, held + b"\n" if held and self._label else held, is_err)

    def flush(self) -> None:
        """Show all that is held."""
        for rank, _ in list(self._held):
            self.end(rank)

    def _put(self, rank: int, text: bytes, is_err: bool) -> None:
        if self._label and text:
            mark = b"%d: " % rank
            text = b"".join(mark + line for line in text.splitlines(keepends=True))
        _write(text, is_err)


def _write(data: bytes, is_err: bool) -> None:
    while data:
        data = data[os.write(2 if is_err else 1, data) :]
