"""Streams without a network: order, pauses, and numbers that promise what was told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rota.core.account import Role, User
from rota.core.job import JobSpec
from rota.engine.events import Asked, Submitted
from rota.server import stream as stream_module
from rota.server.build import Known, Options, assemble
from rota.server.home import Home
from rota.server.parts import Parts
from rota.server.peers import Peers, card_of
from rota.server.stream import job_stream, task_stream
from rota.store.sqlite import SqliteStore

ANN = User("ann", 1000, Role.ADMIN)


def play(tmp_path: Path, story: Any) -> None:
    """Run *story* with the parts of a server, no sockets."""

    async def scene() -> None:
        home = Home(tmp_path / "home")
        home.make()
        store = SqliteStore(home.path / "rota.db", ballast=4096)
        parts = assemble(
            Options(home=home.path),
            home,
            known=Known(store, Peers(card_of(home, None, None), home), None),
        )
        try:
            await asyncio.wait_for(story(parts), 20)
        finally:
            parts.feed.close()
            await parts.loop.stop()
            parts.readers.shutdown()
            store.close()

    asyncio.run(scene())


async def submit(parts: Parts, count: int = 1) -> list[int]:
    """Submit held jobs; return their ids."""
    specs = [JobSpec(argv=("true",), held=True)] * count
    told = await parts.loop.ask(lambda t: Submitted(parts.clock.now(), ANN, specs, t))
    return [row["id"] for row in told["jobs"]]


async def kill(parts: Parts, *jobs: int) -> None:
    """Kill jobs."""
    targets = [(job, None) for job in jobs]
    await parts.loop.ask(lambda t: Asked(parts.clock.now(), ANN, "kill", targets, t))


def read(chunk: bytes) -> list[dict[str, Any]]:
    """Return the events of a chunk."""
    found = []
    for block in chunk.decode().split("\n\n"):
        lines = dict(
            line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")
        )
        if lines:
            found.append({"id": int(lines["id"]), **json.loads(lines["data"])})
    return found


def test_lines_come_as_they_are_committed(tmp_path: Path) -> None:
    """Not before, and all of them."""

    async def story(parts: Parts) -> None:
        stream = task_stream(parts, ANN, since=0, jobs=())
        assert (await anext(stream)).startswith(b":")
        (job,) = await submit(parts)
        (line,) = read(await anext(stream))
        assert (line["id"], line["job"], line["after"]) == (1, job, "held")
        await stream.aclose()
        assert parts.feed.watchers == 0

    play(tmp_path, story)


def test_a_summary_number_promises_all_before_it(tmp_path: Path) -> None:
    """Whatever number is the last that was seen, to resume there tells the rest."""

    async def story(parts: Parts) -> None:
        jobs = await submit(parts, 5)
        stream = job_stream(parts, ANN, since=0, jobs=())
        await anext(stream)
        told = read(await anext(stream))
        await stream.aclose()
        assert {row["id"] for row in told} == set(jobs)
        for cut in range(6):
            since = max((row["seq"] for row in told[:cut]), default=0)
            known = {row["id"] for row in told[:cut]}
            rest = job_stream(parts, ANN, since=since, jobs=())
            await anext(rest)
            if cut < 5:
                later = {row["id"] for row in read(await anext(rest))}
                assert later >= set(jobs) - known
            await rest.aclose()

    play(tmp_path, story)


def test_an_end_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though another summary of the same job has just been told."""
    monkeypatch.setattr(stream_module, "PAUSE_S", 3600.0)

    async def story(parts: Parts) -> None:
        (job,) = await submit(parts)
        stream = job_stream(parts, ANN, since=parts.feed.seq, jobs=(job,), tell=(job,))
        await anext(stream)
        assert read(await anext(stream))[0]["state"] == "held"
        await kill(parts, job)
        assert read(await anext(stream))[0]["state"] == "cancelled"
        await stream.aclose()

    play(tmp_path, story)
