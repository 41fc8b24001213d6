"""``wam`` called inside the test's own process, with a solver that only looks like one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.faces.conftest import Foreign, Said

Wam = Callable[..., Said]

ABAQUS = """#!/bin/sh
job=${1#job=}
echo "Begin Abaqus/Standard Analysis of $(cat $job.inp)"
echo " STEP INC" > $job.sta; echo " 1 3 out\x1b[2J" >> $job.sta; echo res > $job.odb
touch $job.lck
while [ -e "$WAM_TEST_GATE" ]; do sleep 0.05; done
grep -q bad $job.inp && echo 'Abaqus/Analysis exited with errors'
exit 0
"""


@pytest.fixture
def wam(foreign: Foreign, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Wam:
    """Call ``wam("-qstat")`` in a folder of the test's own; its gate stops the solver."""
    solver = tmp_path / "bin" / "abaqus"
    solver.parent.mkdir()
    solver.write_text(ABAQUS)
    solver.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", f"{solver.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("WAM_TEST_GATE", str(tmp_path / "gate"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return partial(foreign, "wam", "wam")
