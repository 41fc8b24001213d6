"""Grid Engine's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.faces.gridengine.entry import main
from tests.client.cluster import Cluster
from tests.faces.conftest import Said

GridEngine = Callable[..., Said]


@pytest.fixture
def ge(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> GridEngine:  # fmt: skip
    """Call ``ge("qstat")`` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def call(command: str, *words: str) -> Said:
        capsys.readouterr()
        code = main(command, words, home=str(cluster.home))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
