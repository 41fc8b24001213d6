"""DIRAC's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faces.conftest import Foreign, Said

Dirac = Callable[..., Said]


@pytest.fixture
def dirac(foreign: Foreign) -> Dirac:
    """Call ``dirac("dstat", "-a")``, ``dirac("job-kill", "7")`` in a folder of its own."""

    def call(command: str, *words: str) -> Said:
        full = command if command[0] == "d" else f"dirac-wms-{command}"
        return foreign("dirac", full, *words)

    return call
