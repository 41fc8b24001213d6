"""Progress of Abaqus jobs, read from the status file that they write beside their input.

    STEP  INC ATT SEVERE EQUIL TOTAL  TOTAL      STEP       INC OF
                  DISCON ITERS ITERS  TIME/      TIME/LPF   TIME/LPF
     1     5   1     0     3     3  0.350      0.350      0.1000     ─▶ done 0.35

A job asks for it by ``progress: "*.sta 2.5"``: the files, and the total time at which the
analysis ends; without that it is told how far it is, and not of how much.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from typing import NamedTuple, Optional, Tuple

from rota.core.progress import STATUS_FILE

_ROW = re.compile(
    r"^\s*(?P<step>\d{1,9})\s+(?P<increment>\d{1,9})\s+(?P<attempt>\d{1,9})(?P<cut>U?)"
    r"(?:\s+\d{1,9}){3}\s+(?P<time>[\d.]{1,20}(?:[eE][+-]?\d{1,3})?)"
    r"(?:\s+-?[\d.]{1,20}(?:[eE][+-]?\d{1,3})?){2}\s*$"
)
_DONE = "THE ANALYSIS HAS COMPLETED SUCCESSFULLY"

LINE_MAX = 200
TIME_MAX = 1e18
"""Beyond that it is no time but nonsense; JSON knows no infinity either."""


class Sta(NamedTuple):
    """Which files below the job's folder, and the total time of the analysis, if known."""

    glob: str
    total: Optional[float]

    def newest(self, folder: str) -> Optional[str]:
        """Return the file of *folder* that was written to last; None: none is there."""
        found = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    is_meant = fnmatchcase(entry.name, self.glob)
                    if is_meant and entry.is_file(follow_symlinks=False):
                        found.append((entry.stat().st_mtime_ns, entry.path))
        except OSError:
            # The folder, or a file of it, has gone in this moment.
            return None
        return max(found)[1] if found else None

    def parse(self, text: str) -> Optional[Tuple[float, Optional[float], str]]:
        """Return (done, total, what to say) of the last row of *text*; None: no row.

        Only whole lines count; increments that did not converge (``2U``) are no progress.
        """
        is_done = False
        for line in reversed(text.split("\n")[:-1]):
            line = line[:LINE_MAX].rstrip("\r")
            is_done = is_done or _DONE in line
            row = _ROW.match(line)
            if row is not None and not row["cut"]:
                return self._told(row, is_done)
        return None

    def _told(
        self, row: "re.Match[str]", is_done: bool
    ) -> Optional[Tuple[float, Optional[float], str]]:
        try:
            time = float(row["time"])
        except ValueError:
            # "1.2.3": it only looks like a row.
            return None
        if time > TIME_MAX:
            return None
        says = f"step {row['step']}, increment {row['increment']}, time {row['time']}"
        if is_done:
            return time, time or None, f"{says}: completed"
        total = self.total
        return time, total if total is not None and time <= total else None, says


def sta_of(asked: Optional[str]) -> Optional[Sta]:
    """Return what *asked*, the key ``progress``, says of status files; None: nothing."""
    found = STATUS_FILE.fullmatch(asked or "")
    if found is None:
        return None
    return Sta(found["glob"], float(found["total"]) if found["total"] else None)
