"""Do both floors, in C and in Python, run what they are asked and tell it alike?"""

import json
import subprocess
import sys
from pathlib import Path

import floor
import pytest

from rota.faces import floor as loop

PYTHON = (sys.executable, loop.__file__)


@pytest.mark.parametrize("command", [floor.program()[0], PYTHON], ids=["built", "python"])
def test_the_floor_tells_what_it_took(command: tuple[str, ...], tmp_path: Path) -> None:
    """Jobs, slots, seconds; with a folder, two files for each job."""
    words = [*command, "20", "2", str(tmp_path)]

    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)

    assert (told["jobs"], told["slots"]) == (20, 2)
    assert told["wall_s"] > 0 and told["cpu_s"] > 0
    assert len(list(tmp_path.glob("*.out"))) == len(list(tmp_path.glob("*.err"))) == 20


def test_a_run_knows_its_rate() -> None:
    """100 jobs in 2 s of wall and 0.5 s of processor time."""
    run = floor.Run(jobs=100, wall_s=2.0, cpu_s=0.5)

    assert (run.rate, run.cpu_ms_each) == (50.0, 5.0)
