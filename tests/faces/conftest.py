"""One real server with its agent, and ``rota`` called inside the test's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rota.client.http import Client
from rota.faces.main import main
from tests.client.cluster import Cluster


class Said(NamedTuple):
    """What a call of ``rota`` came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that it printed."""
        import json

        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of its answer."""
        return self.out.splitlines()


Rota = Callable[..., Said]
Foreign = Callable[..., Said]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server with a local agent, two cores, in a home of its own."""
    with Cluster(tmp_path_factory.mktemp("faces") / "home") as cluster:
        yield cluster


@pytest.fixture
def rota(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Rota:
    """Call ``rota`` with words; the server is the cluster's."""
    _set(monkeypatch, ROTA_HOME=str(cluster.home))
    return _caller(capsys)


@pytest.fixture
def alone(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Rota:
    """Call ``rota`` with words where there is no server."""
    _set(monkeypatch, ROTA_HOME=str(tmp_path / "nowhere"))
    return _caller(capsys)


@pytest.fixture
def foreign(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Foreign:  # fmt: skip
    """Call ``foreign("slurm", "squeue", "-h")`` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def call(system: str, command: str, *words: str) -> Said:
        main = import_module(f"rota.faces.{system}.entry").main
        capsys.readouterr()
        code = main(command, words, home=str(cluster.home))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    """A client of the cluster."""
    with Client(home=str(cluster.home)) as client:
        yield client


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour and a fixed width, whatever terminal the tests run in."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("ROTA_SERVER", raising=False)


def _set(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def _caller(capsys: pytest.CaptureFixture[str]) -> Rota:
    def call(*words: str) -> Said:
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
