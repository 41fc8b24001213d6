"""wq called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.faces.wq.entry import main
from tests.client.cluster import Cluster
from tests.faces.conftest import Said

Wq = Callable[..., Said]


@pytest.fixture
def wq(
    cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> Wq:  # fmt: skip
    """Call ``wq("ls")`` in a folder of the test's own, which is its home, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def call(*words: str) -> Said:
        capfdbinary.readouterr()
        code = main("wq", words, home=str(cluster.home))
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call
