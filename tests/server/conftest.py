"""Servers for tests: one for each module where tests do not disturb each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone, without an agent."""
    with Server(tmp_path / "home") as running:
        yield running
