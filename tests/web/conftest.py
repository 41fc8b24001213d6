"""One browser for all tests of the page, and a server for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.conftest import server, shared
from tests.web.browser import Browser, Tab

__all__ = ["server", "shared"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser."""
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A page that shows the test's server to its owner."""
    name = "server" if "server" in request.fixturenames else "shared"
    shown = browser.page_of(request.getfixturevalue(name))
    yield shown
    # A browser has six lines to a server, and a page that is open keeps one.
    shown.go("about:blank")
