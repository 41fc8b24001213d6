"""The drill, short: every kind of fault once, and nothing lost, nothing twice (G26)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import drill
import pytest

from tests.real import postgres


@pytest.mark.real
def test_G26_faults_under_load_lose_nothing_and_run_nothing_twice() -> None:
    """The jobs themselves are the witness."""
    postgres.running()
    words = ["--faults", "3", "--only", "kill,cut,agent", "--pause", "0", "--servers", "2"]
    done = subprocess.run(
        [sys.executable, str(Path(drill.__file__)), *words],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[0])
    assert seen["lost"] == seen["twice"] == 0
    assert seen["acknowledged"] == seen["started"] == seen["ended"] == seen["done"] > 0


def test_the_table_tells_the_middle_and_the_worst() -> None:
    """In seconds; a kind of fault that was not tried is left out."""
    rows = drill.table({"kill": [1.0, 3.0, 2.0], "stop": []}).splitlines()

    assert rows[2:] == ["| kill | 3 | 2.00 | 3.00 | 3.00 |"]
