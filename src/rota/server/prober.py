"""Asks licence servers, in the background, and tells the mind what they said.

    HOME/config.yaml ──→ a command line, or an address      every so often, each by itself
    what it prints   ──formats.licences──→ Reading ──→ Metered, an event like others

A probe that hangs is ended after its time, one that fails is told as such; nothing of it
ever holds up the loop.
"""

from __future__ import annotations

import asyncio
import logging
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress

from rota.core.licences import Reading
from rota.engine.events import Metered
from rota.engine.mind import Mind
from rota.formats.licences import lmstat, number, rlmstat
from rota.sched.licences import Metering
from rota.server.loop import Clock, Loop

log = logging.getLogger("rota.licences")

SIZE_MAX = 16 << 20
"""More than so many bytes are not read of what a probe prints."""

LOOK_S = 5.0
"""So often it is looked whether other rules are in force."""


class Prober:
    """Keeps one task for each licence with a probe, by the rules that are in force."""

    def __init__(self, *, mind: Mind, loop: Loop, clock: Clock) -> None:
        self._mind, self._loop, self._clock = mind, loop, clock
        self._tasks: dict[str, tuple[Metering, asyncio.Task[None]]] = {}
        self._told: dict[str, str] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        try:
            while True:
                self._follow(self._mind.memory.rules.metering)
                await asyncio.sleep(LOOK_S)
        finally:
            for _, task in self._tasks.values():
                task.cancel()

    def _follow(self, wanted: Mapping[str, Metering]) -> None:
        for name, (metering, task) in list(self._tasks.items()):
            if wanted.get(name) != metering:
                task.cancel()
                del self._tasks[name]
        for name, metering in wanted.items():
            if metering.probe is not None and name not in self._tasks:
                task = asyncio.create_task(self._watch(name, metering))
                self._tasks[name] = (metering, task)

    async def _watch(self, name: str, metering: Metering) -> None:
        while True:
            reading = (await read(metering))._replace(asked_at=self._clock.now())
            await self._loop.put(Metered(self._clock.now(), {name: reading}))
            self._tell(name, reading.error)
            await asyncio.sleep(metering.every_ms / 1000)

    def _tell(self, name: str, trouble: str) -> None:
        """Log a probe that begins or ends to be wrong, once each time."""
        if self._told.get(name, "") == trouble:
            return
        self._told[name] = trouble
        if trouble:
            log.warning("licence %s: its probe %s", name, trouble)
        else:
            log.info("licence %s: its probe is well again", name)


async def read(metering: Metering) -> Reading:
    """Return what the probe of *metering* says now; what goes wrong is in ``error``."""
    assert metering.probe is not None
    kind, what = metering.probe
    try:
        async with asyncio.timeout(metering.timeout_ms / 1000):
            text = await (_fetched(what, metering) if kind == "url" else _printed(what))
    except TimeoutError:
        return Reading(error=f"said nothing for {metering.timeout_ms / 1000:g} s")
    except (OSError, ValueError) as error:
        return Reading(error=f"failed: {error}")
    return read_text(text, metering)


def read_text(text: str, metering: Metering) -> Reading:
    """Return what *text*, printed by the probe of *metering*, says of its licence."""
    kind = metering.probe[0] if metering.probe else ""
    readers: Mapping[str, Callable[[str], dict[str, Reading]]] = {
        "lmstat": lmstat.read, "rlmstat": rlmstat.read,
    }  # fmt: skip
    if kind not in readers:
        return number.read(text, gives=metering.gives)
    found = readers[kind](text)
    if metering.feature in found:
        return found[metering.feature]
    known = ", ".join(sorted(found)[:5])
    return Reading(error=f"names no {metering.feature}, " + (
        f"but {known}" if known else f"nor anything else: {' '.join(text.split())[-80:]!r}"
    ))  # fmt: skip


async def _printed(command: str) -> str:
    """Return what *command* prints; the shell and all it started end with us."""
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", command, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        text = await process.stdout.read(SIZE_MAX)
        code = await process.wait()
    finally:
        if process.returncode is None:
            _end(process.pid)
            await process.wait()
    if code:
        told = text.decode(errors="replace").strip().splitlines()
        raise ValueError(f"exit code {code}" + (f": {told[-1][:120]}" if told else ""))
    return text.decode(errors="replace")


def _end(pid: int) -> None:
    import os
    import signal

    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


async def _fetched(url: str, metering: Metering) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url[:60]} is no http:// or https:// address")

    def fetch() -> str:
        with urllib.request.urlopen(url, timeout=metering.timeout_ms / 1000) as answer:
            return str(answer.read(SIZE_MAX).decode(errors="replace"))

    return await asyncio.to_thread(fetch)
