"""Servers for tests: one of its own, or one that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.crowd import ROLES, Crowd
from tests.server.running import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone, without an agent."""
    with Server(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of one module share; they mind only their own jobs."""
    with Server(tmp_path_factory.mktemp("shared") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A server where people have roles, shared by the tests of one module."""
    home = tmp_path_factory.mktemp("crowd") / "home"
    home.mkdir()
    (home / "config.yaml").write_text(ROLES)
    with Server(home) as running:
        yield Crowd(running)
