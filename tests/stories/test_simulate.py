"""A person replays a workload trace: ``rota simulate``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROTA = str(Path(sys.executable).with_name("rota"))

# Two cores; job 2 needs both and waits for job 1, job 3 is short enough to pass it.
TRACE = """; MaxProcs: 2
1 0 -1 100 1 -1 -1 1 100 -1 1 7 -1 -1 -1 -1 -1 -1
2 10 -1 50 2 -1 -1 2 50 -1 1 8 -1 -1 -1 -1 -1 -1
3 20 -1 30 1 -1 -1 1 30 -1 1 9 -1 -1 -1 -1 -1 -1
"""


def simulate(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``rota simulate`` as a person does."""
    return subprocess.run(
        [ROTA, "simulate", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_easy_lets_a_short_job_pass_and_plain_order_does_not(tmp_path: Path) -> None:
    """The schedule of each policy, to the second."""
    trace, out = tmp_path / "t.swf", tmp_path / "out.csv"
    trace.write_text(TRACE)
    starts = {}
    for policy in ("fcfs:easy", "fcfs"):
        done = simulate(str(trace), "--policy", policy, "--schedule", str(out), "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)
        rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
        starts[policy] = {row[0]: int(row[2]) for row in rows}
    assert starts["fcfs:easy"] == {"1": 0, "2": 100, "3": 20}
    assert starts["fcfs"] == {"1": 0, "2": 100, "3": 150}


def test_a_broken_trace_and_an_unknown_policy_are_told(tmp_path: Path) -> None:
    """Exit code 2, the line or the name, and what is allowed."""
    trace = tmp_path / "t.swf"
    trace.write_text(TRACE + "4 x y\n")
    broken = simulate(str(trace), "--policy", "fcfs")
    assert broken.returncode == 2 and "5" in broken.stderr
    trace.write_text(TRACE)
    unknown = simulate(str(trace), "--policy", "fcsf")
    assert unknown.returncode == 2 and "fcfs" in unknown.stderr
