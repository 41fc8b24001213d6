"""Grid Engine's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.faces.conftest import Foreign, Said

GridEngine = Callable[..., Said]


@pytest.fixture
def ge(foreign: Foreign) -> GridEngine:
    """Call ``ge("qstat")`` in a folder of the test's own."""
    return partial(foreign, "gridengine")
