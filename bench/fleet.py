#!/usr/bin/env python3
"""A thousand agents on a real server: real sockets, the real protocol, no processes.

    python bench/fleet.py [--agents 1000] [--cores 16] [--tasks 100000] [--waiting 1000000]
    python bench/fleet.py --agents 200 --idle 60    only what the server uses, all idle

    server ◀── 1 000 WebSockets: hello, beats, started, finished ── this program

Prints one JSON line for each figure: all nodes connected; an array over all of them; a
million waiting tasks cancelled at once; the server killed and up again; bytes on disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import meter
from place import JOB, Place
from websockets.asyncio.client import ClientConnection, unix_connect

from rota.wire import agent as wire

BEAT_S = 5.0
LIMIT_S = 540.0
PAUSE_S = 0.05
SETTLE_S = 10.0


class Fleet:
    """Agents that do as if: what they are told to run has ended when it began."""

    def __init__(self, home: Path, *, agents: int, cores: int) -> None:
        self._sock, self._cores = str(home / "rota.sock"), cores
        token = (home / "agent-token").read_text("ascii").strip()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._names = [f"sim{number:05}" for number in range(agents)]
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Connect all."""
        self.tasks = [asyncio.create_task(self._be(name)) for name in self._names]

    async def _be(self, name: str) -> None:
        async with unix_connect(
            self._sock, f"ws://localhost{wire.PATH}", additional_headers=self._headers,
            compression=None, max_size=wire.FRAME_MAX, ping_interval=None, open_timeout=60,
        ) as line:  # fmt: skip
            hello = wire.hello(
                name=name, instance=name, boot=name, cores=range(self._cores),
                memory=1 << 36, holds=[],
            )  # fmt: skip
            await line.send(wire.encode([hello]))
            beats = asyncio.create_task(self._beat(line))
            try:
                async for text in line:
                    await self._take(line, wire.decode(text))
            finally:
                beats.cancel()

    async def _beat(self, line: ClientConnection) -> None:
        while True:
            beat = wire.beat(at=_now(), load=0.0, memory_free=1 << 35, disk_free=1 << 40)
            await line.send(wire.encode([beat]))
            await asyncio.sleep(BEAT_S)

    async def _take(self, line: ClientConnection, messages: Sequence[Any]) -> None:
        told: list[wire.Message] = []
        for message in messages:
            if message["t"] == "run":
                for task, n, *_ in message["tasks"]:
                    told += _ended((message["job"], task, n))
        if told:
            await line.send(wire.encode(told))


def _ended(ref: tuple[int, int, int]) -> list[wire.Message]:
    at = _now()
    ok = {"code": "ok", "text": "ended with exit code 0", "evidence": {"code": 0}}
    return [
        wire.started(ref, at=at, pid=1),
        wire.finished(
            ref, started_at=at, at=at, exit_code=0, signal=None, reason=ok, usage={}
        ),
    ]


def _now() -> int:
    return time.time_ns() // 1_000_000


async def measure(place: Place, asked: argparse.Namespace) -> None:
    """Do one after the other, and tell."""
    home = Path(place.home)
    fleet = Fleet(home, agents=asked.agents, cores=asked.cores)
    began = time.monotonic()
    fleet.start()
    await until(lambda: len(place.client.nodes()) > asked.agents, fleet)
    show("connected", agents=asked.agents, seconds=time.monotonic() - began)

    began = time.monotonic()
    job = await aside(place.client.submit, {**JOB, "array": f"0-{asked.tasks - 1}"})
    await until(lambda: place.client.job(job[0].id)["state"] == "done", fleet)
    took = time.monotonic() - began
    show("array", tasks=asked.tasks, seconds=took, tasks_per_s=asked.tasks / took)
    show("disk", megabytes=size_of(home) / 1e6)

    wanted = {**JOB, "array": f"0-{asked.waiting - 1}", "hold": True}
    began = time.monotonic()
    job = await aside(place.client.submit, wanted)
    show("submit", tasks=asked.waiting, seconds=time.monotonic() - began)
    began = time.monotonic()
    await aside(place.client.kill, job[0].id)
    show("cancel", tasks=asked.waiting, seconds=time.monotonic() - began)
    show("disk", megabytes=size_of(home) / 1e6)
    for task in fleet.tasks:
        task.cancel()


async def measure_idle(place: Place, asked: argparse.Namespace) -> None:
    """Let all agents be for a while; tell what the server used meanwhile."""
    fleet = Fleet(Path(place.home), agents=asked.agents, cores=asked.cores)
    fleet.start()
    await until(lambda: len(place.client.nodes()) > asked.agents, fleet)
    await asyncio.sleep(SETTLE_S)
    server = place.pids()["server"]
    before, began = meter.own_cpu_s(server), time.monotonic()
    await asyncio.sleep(asked.idle)
    took = time.monotonic() - began
    share = 100 * (meter.own_cpu_s(server) - before) / took
    load = os.getloadavg()[0]
    await until(lambda: len(place.client.nodes()) > asked.agents, fleet)
    show("idle", agents=asked.agents, seconds=took, percent_of_a_core=share, load=load)
    for task in fleet.tasks:
        task.cancel()


async def aside(call: Any, *args: Any) -> Any:
    """Return what a blocking call returns, while the agents go on."""
    return await asyncio.to_thread(call, *args)


async def until(holds: Any, fleet: Fleet) -> None:
    """Wait until it holds, with a bound; an agent that breaks ends it all."""
    end = time.monotonic() + LIMIT_S
    while not await aside(holds):
        for task in fleet.tasks:
            if task.done():
                task.result()
                raise RuntimeError("an agent was hung up on")
        if time.monotonic() > end:
            raise TimeoutError(f"not within {LIMIT_S:.0f} s")
        await asyncio.sleep(PAUSE_S)


def size_of(home: Path) -> int:
    """Return the bytes of the database and its log."""
    return sum(path.stat().st_size for path in home.glob("rota.db*"))


def show(figure: str, **values: float) -> None:
    """Print one figure."""
    told = {name: round(value, 3) for name, value in values.items()}
    print(json.dumps({"figure": f"fleet.{figure}", **told}), flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure."""
    found = argparse.ArgumentParser(description="A thousand agents on a real server.")
    for name, default in (
        ("agents", 1000), ("cores", 16), ("tasks", 100_000), ("waiting", 1_000_000),
    ):  # fmt: skip
        found.add_argument(f"--{name}", type=int, default=default)
    found.add_argument("--idle", type=float, metavar="SECONDS", help="only this, so long")
    asked = found.parse_args(argv)
    with Place(cores=1) as place:
        if asked.idle:
            asyncio.run(measure_idle(place, asked))
            return 0
        before = meter.settle()
        asyncio.run(measure(place, asked))
        cpu_s = meter.settle() - before
        show("cpu", seconds=cpu_s, ms_per_task=1000 * cpu_s / asked.tasks)
    return 0


if __name__ == "__main__":
    os.environ.pop("ROTA_SERVER", None)
    sys.exit(main())
