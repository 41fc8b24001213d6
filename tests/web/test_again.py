"""A page that is open while its server dies goes on with the next one, by itself."""

from __future__ import annotations

import signal

import pytest

from tests.server.running import Node, Server
from tests.web.browser import CHROMIUM, Tab

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


HIDE = """(is => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => is});
  document.dispatchEvent(new Event('visibilitychange'));
})"""


def test_a_page_that_nobody_sees_keeps_no_line(server: Server, tab: Tab) -> None:
    """A browser has six to a server; looked at again, it shows what happened since."""
    tab.until("#link", "live")
    for n in range(2):
        tab.see(f"{HIDE}(true)")
        job = server.submit(name=f"unseen-{n}", held=True)
        tab.see(f"{HIDE}(false)")
        tab.until(f".row[data-id='{job}']", f"unseen-{n}")


def test_the_page_goes_on_after_kill_9(server: Server, tab: Tab) -> None:
    """It says that the line is broken, and then shows what happened since."""
    job = server.submit(name="before", held=True)
    tab.until(f".row[data-id='{job}']", "held")
    address = server.facts()["tcp"]
    server.stop(signal.SIGKILL)
    tab.until("#link", "no word from the server")
    server.start()
    assert server.facts()["tcp"] == address, "where the page looks for it"
    late = server.submit(name="since", held=True)
    tab.until("#link", "live")
    tab.until(f".row[data-id='{late}']", "since")
    node = Node(server)
    server.good("POST", "/jobs/release", {"targets": [str(job)]})
    node.starts(node.runs(1)[0])
    tab.until(f".row[data-id='{job}']", "running")
    node.close()
