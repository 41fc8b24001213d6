"""Pilots as processes of this machine: real ones."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from rota.launch.contract import RUNNING, Output, Seen
from rota.launch.driver import Driver
from rota.launch.local import Local
from tests.launch.samples import pool

MARKER = f"rota-t{os.getpid()}-big-1"
PREFIX = MARKER[:-1]


def _do(command: object) -> Output:
    async def run() -> Output:
        return await Driver().run(command)  # type: ignore[arg-type]

    return asyncio.run(run())


def _listed() -> Mapping[str, Seen]:
    given = pool("local")
    return Local().polled(_do(Local().poll([], pool=given, prefix=PREFIX)))


def test_a_pilot_is_started_found_by_its_name_and_ended(tmp_path: Path) -> None:
    """The three commands agree with each other about one real process."""
    told = tmp_path / "told"
    os.mkfifo(told)
    script = f"trap 'echo gone >{told}; exit 0' TERM\necho up >{told}\nsleep 1000 & wait\n"
    given = pool("local")
    pid = Local().submitted(_do(Local().submit(script, pool=given, marker=MARKER)))
    try:
        assert told.read_text() == "up\n"
        assert _listed() == {pid: Seen(RUNNING, MARKER, "running")}
        # A pid that is somebody else's by now is left alone: here our own.
        assert _do(Local().cancel([pid, str(os.getpid())], pool=given)).code == 0
        assert told.read_text() == "gone\n"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(pid), signal.SIGKILL)
    assert _listed() == {}
