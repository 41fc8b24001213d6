"""The figures of a replay, against an independent judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rota.sched.policy import parse_policy
from rota.sim.replay import replay
from rota.sim.report import measure, starts_sha256, write_schedule
from tests.sim.test_replay import made_up

JUDGE = Path(__file__).parents[1] / "scenarios" / "reference_metrics.txt"


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_the_judges(seed: int, tmp_path: Path) -> None:
    """Every one of them, to the last digit that floating point keeps."""
    done = replay(made_up(seed, 300), procs=12, policy=parse_policy("fcfs:easy"))
    path = tmp_path / "schedule.csv"
    write_schedule(done, path)
    judged = subprocess.run(
        [sys.executable, str(JUDGE), str(path), "--procs", "12", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(judged.stdout)
    assert theirs["feasible"]
    ours = measure(done, 12)
    for name, value in theirs.items():
        if name not in ("feasible", "breaches", "peak_procs"):
            assert ours[name] == pytest.approx(value, rel=1e-12), name


def test_the_hash_names_each_start() -> None:
    """One second more for one job and it is another schedule."""
    done = replay(made_up(1), procs=12, policy=parse_policy("fcfs"))
    before = starts_sha256(done)
    done[3].start_at += 1000
    assert starts_sha256(done) != before


def test_nothing_has_no_figures() -> None:
    """And does not divide by it."""
    assert measure([], 12) == {"jobs": 0}
