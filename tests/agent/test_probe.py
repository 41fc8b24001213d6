"""What a machine offers is what the kernel lets us use."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rota.agent import probe


def test_cores_are_those_we_may_run_on() -> None:
    """All of our affinity, some of it, or more than there is."""
    usable = sorted(os.sched_getaffinity(0))
    assert probe.cores() == usable[: len(probe.cores())]
    assert probe.cores(1) == usable[:1]
    many = probe.cores(len(usable) + 3)
    assert len(set(many)) == len(usable) + 3 and many[: len(usable)] == usable


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_a_bound_process_offers_what_it_is_bound_to() -> None:
    """taskset, a batch system or a container have the last word."""
    core = max(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, [{core}]);"
        "from rota.agent import probe; print(probe.cores())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout == f"[{core}]\n"


def test_memory_and_load_make_sense() -> None:
    """Free is less than all; load is a number."""
    assert 0 < probe.memory_free() <= probe.memory() * 1.01
    assert probe.load() >= 0
    assert probe.disk_free("/tmp") > 0


def test_devices_are_what_their_tool_lists(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """No tool: none; a tool that fails: none; else its list."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probe.gpus() == []
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 0\necho 1\n")
    tool.chmod(0o755)
    assert probe.gpus() == [0, 1]
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert probe.gpus() == []
