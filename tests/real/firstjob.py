"""How long until the first job of a fresh ssh node has ended, and what that is made of.

    python -m tests.real.firstjob [--runs 5]

    rota up --cluster FILE ──▶ server ──ssh──▶ look, copy, unpack, agent, hello ──▶ job ends
    ╰──────────────────────────────── first job ───────────────────────────────────────────╯

Each run has a home and a scratch of its own.  Beside it, in turn, on the same machine: the
same ``rota up`` without that node, one bare ``ssh``, one Python started over ``ssh``.
Prints one JSON line: medians in seconds, and the load that the machine had.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.real.sshd import Sshd

JOB = {"argv": ["/bin/true"], "cwd": "/", "require": ["far"]}
LIMIT_S = 60.0


def first_job(folder: Path, machines: Sshd) -> dict[str, float]:
    """Return the seconds of one run: ``first job``, and of it ``up`` and ``job``."""
    scratch = folder / "scratch"
    scratch.mkdir()
    path = folder / "cluster.yaml"
    node = f"{{host: n1, cores: 1, labels: [far], scratch: {scratch}}}"
    path.write_text(f"ssh: ssh -F {machines.config}\nnodes:\n  - {node}\n")
    began = time.monotonic()
    with Cluster(folder / "home", "--cores", "1", "--cluster", str(path)) as cluster:
        up = time.monotonic()
        with Client(home=str(cluster.home)) as client:
            ended = client.wait(client.submit(JOB)[0].id, timeout_s=LIMIT_S)
            over = time.monotonic()
        if ended.state != "done":
            raise RuntimeError(f"the job did not run: {ended}")
    return {"first job": over - began, "of it up": up - began, "of it job": over - up}


def beside(folder: Path, machines: Sshd) -> dict[str, float]:
    """Return the seconds of what a first job cannot be faster than."""
    ssh = ["ssh", "-F", str(machines.config), "n1"]
    cluster = Cluster(folder / "beside", "--cores", "1")
    try:
        alone = took(lambda: cluster.__enter__())
    finally:
        cluster.__exit__()
    return {
        "up without it": alone,
        "ssh": took(lambda: subprocess.run([*ssh, "true"], check=True)),
        "ssh python3": took(lambda: subprocess.run([*ssh, "python3 -c pass"], check=True)),
    }


def took(does: Callable[[], object]) -> float:
    """Return how long *does* took, seconds."""
    began = time.monotonic()
    does()
    return time.monotonic() - began


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description="The first job of a fresh ssh node.")
    asked.add_argument("--runs", type=int, default=5)
    runs = asked.parse_args().runs
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="rf") as place, Sshd(Path(place), 1) as there:
        for run in range(runs):
            folder = Path(place) / str(run)
            folder.mkdir()
            told = {**first_job(folder, there), **beside(folder, there)}
            for name, seconds in told.items():
                found.setdefault(name, []).append(seconds)
    medians = {name: round(statistics.median(each), 2) for name, each in found.items()}
    load = round(os.getloadavg()[0], 1)
    print(json.dumps({"figure": "firstjob", "runs": runs, **medians, "load": load}))


if __name__ == "__main__":
    main()
