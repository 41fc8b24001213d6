"""The bare loop: so many processes, so many at once, and what that took."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from rota.faces import floor


def test_it_runs_so_many_and_keeps_what_they_print(tmp_path: Path) -> None:
    """A file for each stream of each; it needs nothing but Python."""
    words = [sys.executable, "-S", "-E", floor.__file__, "7", "2", str(tmp_path)]
    told = json.loads(subprocess.check_output(words))
    assert (told["jobs"], told["slots"]) == (7, 2)
    assert told["wall_s"] > 0 and told["cpu_s"] > 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(f"{job}.{kind}" for job in range(7) for kind in ("out", "err"))
