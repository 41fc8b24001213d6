"""One array drained at once by everything there is, while one of it is killed.

    python -m tests.real.drain --tasks 10000

    one array ──▶ this machine + 3 nodes over ssh + Slurm pilots + Grid Engine pilots
    a third is done: all of Slurm is killed, with what runs there; two thirds: it boots

The tasks themselves are the witness.  Each takes a lock of its own that only its death or
its end lets go of, and writes when it begins and when it ends; what the server believes is
compared with that.  Prints a table; ends with 1 when anything was lost or ran twice.

A task that had just ended when its machine lost power, so that nobody knows how, is run
again, as anything restartable is: that is no second run of what was known to be done, and
is counted apart.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.real.batch import BatchSystems
from tests.real.sshd import Sshd

PYTHON = "/usr/bin/python3"
WAIT_S = 600.0
LOOK_S = 0.1
NODES = 3
KILLED = "slurm"

TASK = """\
exec 9>"$1/$ROTA_TASK_ID"
me="$ROTA_TASK_ID $ROTA_ATTEMPT $ROTA_NODELIST"
flock -n 9 || { echo "twice $me" >>"$1/witness"; exit 9; }
echo "begin $me" >>"$1/witness"
sleep "$2" 9>&-
echo "end $me" >>"$1/witness"
"""


@dataclass
class Seen:
    """What the tasks wrote.

    Shapes:
        begun: {kind of node: attempts that began there};  ended: the same of ends
        nodes: {kind of node: the nodes that were seen}
        ends:  {task: kinds of node on which it came to its end, in order}
        beside: lines of attempts that found another one at work
    """

    begun: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    nodes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ends: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    beside: list[str] = field(default_factory=list)


@dataclass
class Drained:
    """How it went.

    Shapes:
        counts: {state: tasks}, as the server tells it;  took_s: from submit to the last end
    """

    tasks: int
    seen: Seen
    counts: dict[str, int]
    took_s: float
    killed_at: int = 0
    booted_at: int = 0

    @property
    def lost(self) -> list[int]:
        """The tasks that never came to their end."""
        return [task for task in range(self.tasks) if task not in self.seen.ends]

    @property
    def untold(self) -> list[int]:
        """The tasks that ended on what was killed before anybody could be told."""
        ends = self.seen.ends.items()
        return [task for task, kinds in ends if kinds[:-1] == [KILLED]]

    @property
    def twice(self) -> list[str]:
        """Attempts beside another one, and tasks that ended more often than they should."""
        often = (task for task, kinds in self.seen.ends.items() if len(kinds) > 1)
        untold = set(self.untold)
        more = [f"task {task} ended twice" for task in often if task not in untold]
        return self.seen.beside + more


def drain(systems: BatchSystems, folder: Path, *, tasks: int, each_s: float) -> Drained:
    """Drain an array of *tasks*, each of which sleeps *each_s*, and return how it went."""
    with Sshd(folder / "sshd", NODES) as machines:
        words = ("--cores", "2", "--name", "head", "--cluster", _cluster(folder, machines))
        with Cluster(folder / "home", *words) as cluster:
            for kind in ("slurm", "gridengine"):
                _add_pool(cluster, kind)
            try:
                return _drain(cluster, systems, folder, tasks=tasks, each_s=each_s)
            finally:
                _remove_pools(cluster)


def _cluster(folder: Path, machines: Sshd) -> str:
    path = folder / "cluster.yaml"
    keys = f"cores: 2, python: {PYTHON}, scratch: {folder}"
    rows = [f"  - {{host: {name}, {keys}}}\n" for name in machines.names]
    path.write_text(f"ssh: ssh -F {machines.config}\nnodes:\n{''.join(rows)}")
    return str(path)


def _add_pool(cluster: Cluster, kind: str) -> None:
    keys = ["--cores", "2", "--min", "2", "--max", "2", "--time", "30m", "--poll", "500ms"]
    added = cluster.rota("pool", "add", kind, "--kind", kind, "--python", PYTHON, *keys)
    assert added.returncode == 0, added.stderr


def _remove_pools(cluster: Cluster) -> None:
    with Client(home=str(cluster.home)) as client:
        for pool in client.pools()["pools"]:
            client.pool_asked("remove", pool["name"])
        until = time.monotonic() + 60
        while client.pools()["pools"] and time.monotonic() < until:
            time.sleep(LOOK_S)


def _drain(
    cluster: Cluster, systems: BatchSystems, folder: Path, *, tasks: int, each_s: float
) -> Drained:
    marks = folder / "marks"
    marks.mkdir()
    (marks / "witness").touch()
    with Client(home=str(cluster.home)) as client:
        _wait_for_all(client)
        began = time.monotonic()
        job = client.submit(
            {
                "argv": ["sh", "-c", TASK, "task", str(marks), str(each_s)],
                "array": f"0-{tasks - 1}",
                "cwd": str(folder),
                "output": "/dev/null",
                "cores": 1,
            }
        )[0].id
        found = Drained(tasks, Seen(), {}, 0.0)
        for counts in _progress(client, job):
            done = counts.get("done", 0)
            if not found.killed_at and done >= tasks // 3:
                systems.kill_slurm()
                found.killed_at = done
            elif found.killed_at and not found.booted_at and done >= 2 * tasks // 3:
                systems.boot_slurm()
                found.booted_at = done
            found.counts = counts
        found.took_s = time.monotonic() - began
    found.seen = seen(marks / "witness")
    return found


def _wait_for_all(client: Client) -> None:
    """Wait until each node is there: 1 here, those over ssh, 2 pilots of each system."""
    until = time.monotonic() + 60
    while sum(node.state == "up" for node in client.nodes()) < 1 + NODES + 4:
        assert time.monotonic() < until, [node.raw for node in client.nodes()]
        time.sleep(LOOK_S)


def _progress(client: Client, job: int) -> Iterator[dict[str, int]]:
    """Yield {state: tasks} until *job* has ended."""
    until = time.monotonic() + WAIT_S
    while True:
        shown = client.job(job)
        yield shown.raw["array"]["counts"]
        if shown.is_final:
            return
        assert time.monotonic() < until, f"not done in {WAIT_S:.0f} s: {shown.raw}"
        time.sleep(LOOK_S)


def seen(witness: Path) -> Seen:
    """Return what the tasks wrote into *witness*."""
    found = Seen()
    for line in witness.read_text().splitlines():
        what, task, _, node = line.split()
        kind = _kind(node)
        found.nodes[kind].add(node)
        if what == "begin":
            found.begun[kind] += 1
        elif what == "end":
            found.ended[kind] += 1
            found.ends[int(task)].append(kind)
        else:
            found.beside.append(line)
    return found


def _kind(node: str) -> str:
    """Return what brought *node*."""
    if node == "head":
        return "this machine"
    pool, dash, _ = node.partition("-")
    return pool if dash else "ssh"


def table(found: Drained) -> Iterator[str]:
    """Yield the lines of a table of who did what, and what came of it."""
    row = "| {:<12} | {:>5} | {:>8} | {:>7} | {:>7} |"
    yield row.format("", "nodes", "attempts", "ended", "cut off")
    yield "|---|--:|--:|--:|--:|"
    seen = found.seen
    for kind in sorted(seen.nodes):
        begun, ended = seen.begun[kind], seen.ended[kind]
        yield row.format(kind, len(seen.nodes[kind]), begun, ended, begun - ended)
    begun, ended = seen.begun.total(), seen.ended.total()
    nodes = sum(map(len, seen.nodes.values()))
    yield row.format("together", nodes, begun, ended, begun - ended)
    yield ""
    yield f"{found.tasks} tasks in {found.took_s:.1f} s; the server says: {found.counts}"
    yield (
        f"Slurm was killed when {found.killed_at} were done and booted when "
        f"{found.booted_at} were; lost: {len(found.lost)}, twice: {len(found.twice)}, "
        f"again because their end died with their machine: {len(found.untold)}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Drain, print the table, and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.real.drain")
    parser.add_argument("--tasks", type=int, default=10_000, help="[10000]")
    parser.add_argument("--each", type=float, default=0.05, help="seconds of each [0.05]")
    asked = parser.parse_args(argv)
    with BatchSystems() as systems, tempfile.TemporaryDirectory(prefix="rd") as folder:
        found = drain(systems, Path(folder), tasks=asked.tasks, each_s=asked.each)
    for line in table(found):
        print(line)
    return 1 if found.lost or found.twice else 0


if __name__ == "__main__":
    sys.exit(main())
