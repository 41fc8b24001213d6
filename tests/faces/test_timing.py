"""What is measured: processes of the place and of no other, and only what ended well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.errors import Broken
from rota.faces import timing
from tests.client.cluster import Cluster


def test_the_processes_of_a_place_are_known_by_it(tmp_path: Path) -> None:
    """What others use does not count."""
    work = "for _ in range(3_000_000): pass"
    busy = f"import sys\n{work}\nprint('x', flush=True)\nsys.stdin.read()"
    words = [sys.executable, "-c", busy, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert timing.cpu_s(str(tmp_path)) > 0
        assert timing.cpu_s(str(tmp_path / "elsewhere")) == 0
        process.communicate(b"")


def test_a_job_that_does_not_end_well_is_no_figure(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told instead."""
    monkeypatch.setitem(timing.TRUE, "argv", ["/bin/false"])
    with pytest.raises(Broken, match=r"job \d+ of the bench is failed"):
        timing.array(client, 2)
