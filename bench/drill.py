#!/usr/bin/env python3
"""Hundreds of forced failures under load: is anything lost, is anything run twice?

    python bench/drill.py [--faults 200] [--seed 1] [--servers 3] [--only kill,stop,…]

    servers, one database      kill  kill -9 of the leader
      A leads                  stop  SIGSTOP of the leader, SIGCONT once another leads
      B, C stand by            cut   its connections to the database are ended
          ▲        ▲           base  the database itself is killed and started again
      submits    an agent      all   kill -9 of every server at once
      with keys  with jobs     agent kill -9 of the agent

The witness is independent of Rota: each job appends to one file, as it starts and as it
ends, the key it was submitted with.  Takeover is the time from the fault to the first
submit that a leader acknowledges.  Prints a table; exits 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.real.postgres import Postgres, end_all, running  # noqa: E402

from rota.client.http import Client  # noqa: E402
from rota.client.waiting import wait_for  # noqa: E402
from rota.core.errors import RotaError  # noqa: E402

WEIGHTS = {"kill": 50, "cut": 20, "stop": 12, "agent": 10, "all": 5, "base": 3}
PAUSE_S, LIMIT_S = 0.05, 120.0
SUBMIT_EVERY_S = 0.1
CORES = 4

T = TypeVar("T")


class Server:
    """One of the servers, with a home of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.home, self._url = folder, url
        self.sock = f"unix:{folder}/rota.sock"
        self.is_stopped = False
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; it leads or stands by."""
        words = ["--home", str(self.home), "--no-tcp", "--database", self._url]
        log = self.home.with_suffix(".log")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rota.server", *words, "--log", str(log)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self.process

    def leads(self) -> bool:
        """Whether it answers."""
        if self.is_stopped or self.process.poll() is not None:
            return False
        try:
            with Client(self.sock) as client:
                client.info()
        except RotaError:
            return False
        return True


class Load:
    """Jobs handed in without a pause, each under a key, until their keys are confirmed."""

    def __init__(self, servers: Sequence[Server], witness: Path) -> None:
        self._addresses = ",".join(server.sock for server in servers)
        self._witness = witness
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.jobs: dict[str, int] = {}
        self.twice: list[str] = []
        self.confirmed: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        client, number = Client(self._addresses), 0
        while not self._over.is_set():
            number += 1
            self._submit(client, f"k{number}")
            self._over.wait(SUBMIT_EVERY_S)

    def _submit(self, client: Client, key: str) -> None:
        """Hand a job in, again and again, until it is acknowledged."""
        note = f'echo "$1 $2" >> {self._witness}'
        script = f"set -- {key} start; {note}; sleep 0.2; set -- {key} end; {note}"
        job = {"command": script, "cwd": "/", "cores": 1, "time": "1h"}
        while not self._over.is_set():
            began = time.monotonic()
            try:
                (found,) = client.submit(job, key=key)
            except RotaError:
                client.close()
                self._over.wait(PAUSE_S)
                continue
            with self._lock:
                if self.jobs.setdefault(key, found.id) != found.id:
                    self.twice.append(key)
                self.confirmed.append((began, time.monotonic()))
            return

    def acknowledged_after(self, at: float) -> float | None:
        """Return when a submit was confirmed that began after *at*."""
        with self._lock:
            return next((end for began, end in self.confirmed if began >= at), None)

    def stop(self) -> None:
        """Hand in no more."""
        self._over.set()
        self._thread.join(LIMIT_S)


class Drill:
    """The cast, and what can be done to it."""

    def __init__(self, folder: Path, *, database: Postgres, url: str, servers: int) -> None:
        self.folder, self.database, self.url = folder, database, url
        self.witness = folder / "witness"
        self.witness.touch()
        self.servers = [Server(folder / f"s{n}", url) for n in range(servers)]
        until(lambda: self.leader() is not None, "a leader")
        until(lambda: (self.leader().home / "agent-token").exists(), "a token")
        self.node = folder / "node"
        self.agent = self._start_agent()
        self.load = Load(self.servers, self.witness)
        until(lambda: self.load.acknowledged_after(0), "the first submit")

    def leader(self) -> Server:
        """Return who leads, as soon as somebody does."""
        return until(
            lambda: next((one for one in self.servers if one.leads()), None), "a leader"
        )

    def _start_agent(self) -> subprocess.Popen[bytes]:
        first = self.servers[0].home
        until((first / "agent-token").exists, "the agents' token")
        addresses = ",".join(server.sock for server in self.servers)
        words = ["--server", addresses, "--token-file", str(first / "agent-token")]
        with (self.folder / "agent.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "rota.agent", *words, "--home", str(self.node),
                 "--cores", str(CORES), "--name", "node"],
                stdout=log, stderr=log,
            )  # fmt: skip

    def fault(self, kind: str) -> float:
        """Do *kind* of harm; return after how many seconds a submit was confirmed."""
        leader, at = self.leader(), time.monotonic()
        getattr(self, f"_{kind}")(leader)
        confirmed = until(lambda: self.load.acknowledged_after(at), f"{kind}: a leader")
        self._heal()
        return confirmed - at

    def _kill(self, leader: Server) -> None:
        leader.process.kill()
        leader.process.wait()

    def _stop(self, leader: Server) -> None:
        leader.process.send_signal(signal.SIGSTOP)
        leader.is_stopped = True

    def _cut(self, leader: Server) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name LIKE 'rota leader%'"
            )

    def _base(self, leader: Server) -> None:
        self.database.stop("immediate")
        self.database.start()

    def _all(self, leader: Server) -> None:
        for server in self.servers:
            server.process.kill()
        for server in self.servers:
            server.process.wait()
            server.start()

    def _agent(self, leader: Server) -> None:
        self.agent.kill()
        self.agent.wait()
        self.agent = self._start_agent()

    def _heal(self) -> None:
        """Wake who was stopped, who must end by itself; start again who ended."""
        for server in self.servers:
            if server.is_stopped:
                server.process.send_signal(signal.SIGCONT)
                code = server.process.wait(LIMIT_S)
                assert code == 125, f"a leader that was deposed ended with {code}"
                server.is_stopped = False
            if server.process.poll() is not None:
                server.start()

    def end(self) -> dict[str, int]:
        """Let all that was acknowledged end; return what the witness saw."""
        self.load.stop()
        until(lambda: len(self._lines("end")) >= len(self.load.jobs), "the last job")
        starts, ends = Counter(self._lines("start")), Counter(self._lines("end"))
        keys = set(self.load.jobs)
        with Client(self.leader().sock) as client:
            ids = list(self.load.jobs.values())
            done = wait_for(client, ids, timeout_s=LIMIT_S)
        states = Counter(job.state for job in done.values())
        return {
            "acknowledged": len(keys),
            "started": len(starts),
            "ended": len(ends),
            "done": states["done"],
            "lost": len(keys - set(ends)),
            "twice": sum(n > 1 for n in (*starts.values(), *ends.values()))
            + len(self.load.twice),
        }

    def _lines(self, what: str) -> list[str]:
        rows = [line.split() for line in self.witness.read_text("utf-8").splitlines()]
        return [row[0] for row in rows if row[1:] == [what]]

    def close(self) -> None:
        """End all processes."""
        for process in [*(server.process for server in self.servers), self.agent]:
            process.kill()
            process.wait()
        words = ["-m", "rota.agent", "--home", str(self.node), "--kill-jobs"]
        subprocess.run([sys.executable, *words], check=True, capture_output=True)


def until(found: Callable[[], T | None], what: str) -> T:
    """Return what *found* finds as soon as it does.

    Raises:
        TimeoutError: not within ``LIMIT_S``.
    """
    end = time.monotonic() + LIMIT_S
    while not (value := found()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {LIMIT_S:.0f} s")
        time.sleep(PAUSE_S)
    return value


@contextmanager
def staged(servers: int) -> Iterator[Drill]:
    """A cast of its own, which leaves nothing behind."""
    database = running()
    with tempfile.TemporaryDirectory(prefix="rd") as folder, database.lent() as url:
        drill = Drill(Path(folder), database=database, url=url, servers=servers)
        try:
            yield drill
        finally:
            drill.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Do as many faults as asked; print the table."""
    asked = parser().parse_args(argv)
    chance = random.Random(asked.seed)
    kinds = asked.only.split(",") if asked.only else list(WEIGHTS)
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    with staged(asked.servers) as drill:
        for number in range(asked.faults):
            kind = kinds[number % len(kinds)] if number < len(kinds) else chance.choices(
                kinds, [WEIGHTS[kind] for kind in kinds]
            )[0]  # fmt: skip
            took[kind].append(drill.fault(kind))
            if sys.stderr.isatty() or number % 20 == 0:
                print(f"{number + 1}: {kind} {took[kind][-1]:.2f} s", file=sys.stderr)
            time.sleep(chance.random() * asked.pause)
        seen = drill.end()
    print(json.dumps({"faults": asked.faults, "seed": asked.seed, **seen}))
    print(table(took))
    return 1 if seen["lost"] or seen["twice"] else 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    found = argparse.ArgumentParser(description="Forced failures under load.")
    found.add_argument("--faults", type=int, default=200)
    found.add_argument("--seed", type=int, default=1)
    found.add_argument("--servers", type=int, default=3)
    found.add_argument("--pause", type=float, default=1.0, help="at most, between two (s)")
    found.add_argument("--only", help=f"of {', '.join(WEIGHTS)}")
    return found


def table(took: dict[str, list[float]]) -> str:
    """Return what each kind of fault cost, in seconds until a submit was confirmed."""
    lines = ["| fault | times | p50 s | p99 s | longest s |", "|---|---|---|---|---|"]
    for kind, times in took.items():
        if times:
            p99 = sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]
            lines.append(
                f"| {kind} | {len(times)} | {statistics.median(times):.2f} | {p99:.2f} | "
                f"{max(times):.2f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    finally:
        end_all()
    sys.exit(code)
