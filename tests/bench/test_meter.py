"""Does the meter see all that was used, by whomever?  It runs in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"

HARNESS = """
import json, subprocess, sys, time
sys.path.insert(0, {bench!r})
import meter
meter.adopt_orphans()
before = meter.cpu_s()
subprocess.run({command!r}, check=True)
meter.until(lambda: meter.cpu_s() - before > 0.3, limit_s=20, what="the burning")
print(json.dumps(meter.settle() - before))
"""


def test_a_child_is_counted() -> None:
    """0.3 s burnt by a child that was waited for."""
    assert 0.3 <= used([sys.executable, "-c", BURN]) < 0.9


def test_an_orphan_is_counted() -> None:
    """0.3 s burnt by a process whose parent left it, in a session of its own."""
    leave = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {BURN!r}], start_new_session=True)"
    )

    assert 0.3 <= used([sys.executable, "-c", leave]) < 0.9


def test_the_children_of_a_living_process_are_counted() -> None:
    """0.3 s burnt by a child of a server that goes on, as jobs are of the shepherd."""
    server = (
        "import subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-c', {BURN!r}])\n"
        "time.sleep(1.5)"
    )
    start = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {server!r}], start_new_session=True)"
    )

    assert 0.3 <= used([sys.executable, "-c", start]) < 0.9


def used(command: list[str]) -> float:
    """Return what the meter says that *command* used, seconds."""
    program = HARNESS.format(bench=str(BENCH), command=command)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(json.loads(done.stdout))
