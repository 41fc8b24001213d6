"""JTM's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.client.cluster import Cluster
from tests.faces.conftest import Foreign, Said

Jtm = Callable[..., Said]


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of these tests alone: pilots of their pools stay in its list of nodes."""
    with Cluster(tmp_path_factory.mktemp("jtm") / "home") as cluster:
        yield cluster


@pytest.fixture
def jtm(foreign: Foreign) -> Jtm:
    """Call ``jtm("submit", "-cr", "true")`` in a folder of the test's own."""

    def call(command: str, *words: str) -> Said:
        return foreign("jtm", f"jtm-{command}", *words)

    return call


@pytest.fixture
def task(jtm: Jtm) -> Callable[..., int]:
    """Hand in a task by jtm-submit; return its number."""

    def submit(*words: str) -> int:
        said = jtm("submit", *words)
        assert said.code == 0 and said.out.startswith("JTM task ID "), said.err
        return int(said.out.split()[-1])

    return submit
