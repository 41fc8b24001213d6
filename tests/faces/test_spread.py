"""rota spread in real jobs of two nodes: two agents, on one machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.errors import Missing
from tests.client.cluster import Cluster
from tests.server.running import until


class Pair(Cluster):
    """A server with its own agent, node1, and a second one, node2."""

    second: subprocess.Popen[bytes] | None = None

    def start_second(self) -> None:
        """Start node2, or start it again."""
        home = self.home
        self.second = subprocess.Popen(
            [sys.executable, "-m", "rota.agent", "--server", f"unix:{home}/rota.sock",
             "--token-file", f"{home}/agent-token", "--home", f"{home}/second",
             "--name", "node2", "--cores", "2"],
            env=self.env, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Pair:
        super().__enter__()
        self.start_second()
        with Client(home=str(self.home)) as client:
            until(lambda: len(list(client.nodes())) == 2)
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        assert self.second is not None
        self.second.terminate()
        self.second.wait(20)
        subprocess.run(
            [sys.executable, "-m", "rota.agent", "--home", f"{self.home}/second",
             "--kill-jobs"], env=self.env, check=False,
        )  # fmt: skip

    def job(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run *text* as a job on both nodes."""
        return self.rota("run", "--mode", "bynode", "--n", "2", "-c", text)


def on_both(client: Client, command: str) -> int:
    """Hand in *command* as a job on both nodes; return its number."""
    job = {"command": command, "mode": "bynode", "n": 2, "cwd": "/"}
    return client.submit(job)[0].id


def said(client: Client, job: int) -> bytes:
    """Return what *job* has written so far."""
    try:
        return b"".join(client.log(job))
    except Missing:
        return b""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """See Pair."""
    with Pair(tmp_path_factory.mktemp("spread") / "home") as pair:
        yield pair


def test_a_command_runs_on_every_node(pair: Pair) -> None:
    """Each rank knows who it is; the highest exit code is the job's."""
    text = "rota-spread -l sh -c 'echo $ROTA_NODE $ROTA_RANK/$ROTA_RANKS $ROTA_JOB_ID >&2;"
    done = pair.job(text + " exit $((ROTA_RANK * 7))'")
    assert done.returncode == 7, done.stderr
    lines = sorted(line for line in done.stderr.splitlines() if "/2" in line)
    number = lines[0].split()[-1]
    assert [line.split()[2] for line in lines] == ["0/2", "1/2"]
    assert {line.split()[1] for line in lines} == {"node1", "node2"}
    assert number.isdecimal() and int(number) < 1000


def test_it_is_the_verb_too(pair: Pair) -> None:
    """Where Rota is installed; and outside a job it says what it is for."""
    command = " ".join(
        f"'{word}'" for word in pair.command("spread", "-n", "4", "echo", "x")
    )
    assert pair.job(command).stdout.split() == ["x"] * 4
    outside = pair.rota("spread", "hostname")
    assert outside.returncode == 2 and "not inside a job" in outside.stderr


def test_output_is_complete_to_the_byte(pair: Pair, tmp_path: Path) -> None:
    """From both nodes, in the order of each."""
    rank = "seq 200000 | sed s/^/$ROTA_RANK:/"
    out = tmp_path / "out"
    done = pair.job(f"rota-spread sh -c '{rank}' > {out}")
    assert done.returncode == 0, done.stderr
    whole = "".join(f"{n}\n" for n in range(1, 200_001))
    for number in "01":
        written = out.read_text().splitlines(keepends=True)
        lines = [line[2:] for line in written if line[0] == number]
        heard = hashlib.sha256("".join(lines).encode()).hexdigest()
        assert heard == hashlib.sha256(whole.encode()).hexdigest()


def test_a_killed_job_leaves_no_rank(pair: Pair) -> None:
    """TERM reaches all of them; what a job leaves running ends with it."""
    with Client(home=str(pair.home)) as client:
        # Their own end says that TERM came, not the end of the job.
        rank = 'trap "echo got TERM; exit 9" TERM; echo up; while :; do sleep 0.1; done'
        job = on_both(client, f"exec rota-spread -l sh -c '{rank}'")
        until(lambda: said(client, job).count(b"up") == 2)
        client.kill(job)
        until(lambda: client.job(job).is_final)
        assert sorted(said(client, job).splitlines())[:2] == [b"0: got TERM", b"0: up"]
        assert b"1: got TERM" in said(client, job)


def test_server_and_agent_may_be_killed_meanwhile(pair: Pair, tmp_path: Path) -> None:
    """Not a line is lost, none comes twice, and the exit code is told."""
    go = tmp_path / "go"
    rank = f"echo one; while ! [ -e {go} ]; do sleep 0.1; done; echo two; exit $ROTA_RANK"
    with Client(home=str(pair.home)) as client:
        job = on_both(client, f"rota-spread -l sh -c '{rank}'; echo code $?")
        until(lambda: said(client, job).count(b"one") == 2)
    os.kill(pair.status()["server_pid"], signal.SIGKILL)
    assert pair.second is not None
    pair.second.kill()
    pair.second.wait(20)
    go.write_text("")
    assert pair.rota("up", "--detach", *pair.words).returncode == 0
    pair.start_second()
    with Client(home=str(pair.home)) as client:
        until(lambda: client.job(job).is_final)
        lines = sorted(said(client, job).splitlines())
    assert lines == [b"0: one", b"0: two", b"1: one", b"1: two", b"code 1"]


def test_srun_runs_steps_on_all_nodes(pair: Pair, tmp_path: Path) -> None:
    """In a job of several nodes as Slurm would: one task a node, labelled, or as asked."""
    assert pair.rota("shims", str(tmp_path / "bin")).returncode == 0
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    script = tmp_path / "job.sh"
    script.write_text(
        "#!/bin/sh\n#SBATCH -N 2\n#SBATCH --exclusive\n#SBATCH -o " + str(tmp_path / "out")
        + "\nsrun -l sh -c 'echo $SLURMD_NODENAME $SLURM_PROCID $SLURM_NODEID'\n"
        "srun -n 3 sh -c 'echo three $SLURM_PROCID of $SLURM_NTASKS'\n"
        "srun -N 1 -n 1 sh -c 'echo alone $SLURM_NTASKS'; srun -n 2 -l sh -c 'exit 3'\n"
    )  # fmt: skip
    sbatch = subprocess.run(
        [tmp_path / "bin" / "sbatch", "--wait", script], cwd=tmp_path, capture_output=True,
        text=True, timeout=60, check=False, env={**pair.env, "PATH": path},
    )  # fmt: skip
    assert sbatch.returncode == 3, sbatch.stderr
    lines = (tmp_path / "out").read_text().splitlines()
    nodes = sorted(line for line in lines if line.startswith(("0:", "1:")))
    assert [line.split()[2:] for line in nodes] == [["0", "0"], ["1", "1"]]
    assert {line.split()[1] for line in nodes} == {"node1", "node2"}
    three = sorted(line for line in lines if line.startswith("three"))
    assert three == [f"three {n} of 3" for n in range(3)] and "alone 1" in lines


@pytest.mark.real
def test_mpirun_starts_its_ranks_through_it(pair: Pair) -> None:
    """Open MPI needs no ssh between the nodes, and no word about it."""
    if shutil.which("mpirun") is None:
        pytest.skip("no mpirun here: apt-get install openmpi-bin")
    told = "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    show = "echo $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE: $ROTA_NODELIST $TMPDIR"
    done = pair.job(
        f"export {told}; mpirun --oversubscribe -n $ROTA_RANKS "
        f"--hostfile $ROTA_HOSTFILE_OPENMPI sh -c '{show}'"
    )
    lines = sorted(done.stdout.splitlines())
    assert [line[:6] for line in lines] == [f"{n} of 4" for n in range(4)], done.stderr
    # Two of them have the folder of each agent.
    assert sorted(line.count("/second/") for line in lines) == [0, 0, 1, 1]
