"""A full disk under a real server: no new promises, everything else goes on (G05)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import Node, Server, until


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("this account may not mount a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(path: Path) -> None:
    """Write to *path* until there is no room left."""
    with open(path, "wb", buffering=0) as file:
        size = 1 << 20
        while size >= 1024:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2


def test_g05_new_work_is_refused_and_the_rest_goes_on(small: Path) -> None:
    """Reads, reports and kills; it recovers by itself when there is room again."""
    with Server(small / "home") as server:
        node = Node(server, cores=2)
        one, two = server.submit(), server.submit()
        a, b = node.runs(2)
        fill(small / "rubbish")
        body = {"jobs": [{"argv": ["true"], "cwd": "/", "info": "x" * 9000}] * 100}

        def refused() -> bool:
            status, told = server.call("POST", "/jobs", body)
            return status == 507 and "disk is full" in told["error"]

        until(refused)
        node.ends(a)
        assert server.until(one, "done")["exit_code"] == 0
        node.starts(b)
        server.until(two, "running")
        server.good("POST", "/jobs/kill", {"targets": [str(two)]})
        assert node.hear("kill")["a"] == b
        node.ends(b, code=143)
        server.until(two, "cancelled")
        (small / "rubbish").unlink()
        until(lambda: server.raw("GET", "/health")[0] == 200)
        until(lambda: server.call("POST", "/jobs", body)[0] == 201)
