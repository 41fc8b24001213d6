"""Every scenario in tests/scenarios, judged by ourselves and by an independent checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rota.sim.__main__ import main

FOLDER = Path(__file__).parents[1] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_schedule_is_right(path: Path, tmp_path: Path) -> None:
    """Feasible, and as expected: our verdict and the reference checker's agree."""
    schedule = tmp_path / "schedule.csv"
    assert main(["--scenario", str(path), "--schedule", str(schedule)]) == 0
    checker = FOLDER / "reference_check.txt"
    judged = subprocess.run(
        [sys.executable, str(checker), str(path), str(schedule)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_there_are_enough_of_them() -> None:
    """A glob that finds nothing would pass for ever."""
    assert len(FILES) >= 16
