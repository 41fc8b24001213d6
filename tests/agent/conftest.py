"""What tests of the agent share: a node of their own, with a real agent on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.server import Node, node


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node for all tests of a module that leave it as they found it."""
    with node(tmp_path_factory.mktemp("node")) as one:
        yield one


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Node]:
    """A node for one test that may do with it what it likes."""
    with node(tmp_path) as one:
        yield one
