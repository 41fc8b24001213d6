"""How much the folders of an attempt take, counted a bounded step at a time.

    look() ─▶ a thousand entries further ─▶ the larger of this count and the last whole one

A shepherd has other attempts to look after: a tree of millions is counted in many looks.
What is linked twice counts once, what a link points to not at all.
"""

from __future__ import annotations

import os
from typing import Iterator, List, Sequence, Set, Tuple

ENTRIES_A_LOOK = 2_000


class DiskUse:
    """See the head of the file."""

    def __init__(self, folders: Sequence[str], *, entries: int = ENTRIES_A_LOOK) -> None:
        self._folders, self._entries = list(folders), entries
        self._sizes = self._walk()
        self._so_far = self._whole = 0

    def look(self) -> int:
        """Count on; return bytes: as many as there surely were lately."""
        for _ in range(self._entries):
            size = next(self._sizes, None)
            if size is None:
                self._whole, self._so_far = self._so_far, 0
                self._sizes = self._walk()
                return self._whole
            self._so_far += size
        return max(self._so_far, self._whole)

    def _walk(self) -> Iterator[int]:
        seen: Set[Tuple[int, int]] = set()
        stack: List[str] = list(self._folders)
        while stack:
            try:
                entries = os.scandir(stack.pop())
            except OSError:
                continue  # It is gone, or closed to us: what it holds cannot be counted.
            with entries:
                for entry in entries:
                    try:
                        facts = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue  # Removed since the folder was read.
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    elif facts.st_nlink > 1:
                        if (facts.st_dev, facts.st_ino) in seen:
                            continue
                        seen.add((facts.st_dev, facts.st_ino))
                    yield facts.st_blocks * 512
