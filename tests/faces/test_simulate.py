"""``rota simulate``, and this queue's own history as a workload."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from rota.client.http import Client
from rota.faces import simulate
from rota.faces.main import VERBS
from rota.faces.options import parser_of
from rota.sim.workload import read_swf
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota


def test_the_history_is_a_trace_of_what_ended(
    rota: Rota, cluster: Cluster, client: Client, tmp_path: Path
) -> None:
    """Every task of an array; users by their names; what never ran is left out."""
    rota("submit", "--array", "1-3", "--time", "5m", "--name", "sim-a", "--", "true")
    rota("submit", "--cores", "2", "--name", "sim-b", "--", "false")
    rota("wait", "sim-a", "sim-b")
    path = tmp_path / "h.swf"

    count = simulate.write_trace(client, str(path), since=None)
    trace = read_swf(path)

    assert count == len(trace.jobs) >= 4
    assert trace.procs == 2
    assert {job.user for job in trace.jobs} == {client.info()["user"]}
    assert sum(job.limit_ms == 300_000 and job.cores == 1 for job in trace.jobs) >= 3
    assert any(job.cores == 2 and job.run_ms >= 1000 for job in trace.jobs)


def test_the_history_is_replayed(rota: Rota, cluster: Cluster, tmp_path: Path) -> None:
    """Under two policies, on two machines, as a real command."""
    rota("run", "--", "true")
    done = subprocess.run(
        cluster.command(
            "simulate", "--history", "--policy", "easy", "--compare", "default",
            "--with-nodes", "+1x2", "--json", "--report", str(tmp_path / "r.html"),
        ),
        env=cluster.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["schema"] == "rota.comparison/1"
    assert [one["procs"] for one in told["runs"]] == [2, 4, 2, 4]
    assert "tasks have ended" in done.stderr
    assert "<svg" in (tmp_path / "r.html").read_text()


def test_without_anything_to_replay_it_says_what_it_needs(alone: Rota) -> None:
    """And options of the history need one."""
    assert "needs a trace, --history or" in alone("simulate").err
    assert "--since goes with --history" in alone("simulate", "t.swf", "--since", "3d").err


def test_what_help_promises_the_program_takes() -> None:
    """Declared twice, and held together here."""
    done = subprocess.run(
        [*simulate.PROGRAM, "--help"], capture_output=True, text=True, check=True
    )
    ours = {o for a in parser_of("simulate", simulate)._actions for o in a.option_strings}
    fetched = {"--history", "--since", "--save-trace", "--home", "--server", "-h", "--help"}
    assert VERBS["simulate"][0] == "simulate"
    for option in ours - fetched:
        assert option in done.stdout, f"{option} is not known to rota.sim"
