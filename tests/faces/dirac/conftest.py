"""DIRAC's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.faces.dirac.entry import main
from tests.client.cluster import Cluster
from tests.faces.conftest import Said

Dirac = Callable[..., Said]


@pytest.fixture
def dirac(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Dirac:  # fmt: skip
    """Call ``dirac("dstat", "-a")`` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def call(command: str, *words: str) -> Said:
        capsys.readouterr()
        full = command if command[0] == "d" else f"dirac-wms-{command}"
        code = main(full, words, home=str(cluster.home))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
