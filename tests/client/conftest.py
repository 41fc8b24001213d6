"""One real server with its agent for the tests of the client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server with a local agent, two cores, in a home of its own."""
    with Cluster(tmp_path_factory.mktemp("client") / "home") as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    """A client of that server."""
    with Client(home=str(cluster.home)) as client:
        yield client


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    """Where a stub can listen."""
    return tmp_path / "rota.sock"
