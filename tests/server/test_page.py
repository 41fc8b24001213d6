"""The page in a real browser: it shows, follows, and acts; names stay text.

Chromium of the distribution, without a window, is driven over its own protocol.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.server.running import WAIT_S, Node, Server, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

EVIL = "<img src=x onerror=document.title='hit'>"


class Tab:
    """One page of the browser."""

    def __init__(self, url: str) -> None:
        self._opening = connect(url, max_size=None)
        self._line = self._opening.__enter__()
        self._number = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: Any) -> Any:
        """Tell the browser something; return its answer."""
        self._number += 1
        self._line.send(
            json.dumps({"id": self._number, "method": method, "params": params})
        )
        while True:
            message = json.loads(self._line.recv(WAIT_S))
            if message.get("id") == self._number:
                return message.get("result", message)
            self.events.append(message)

    def see(self, expression: str) -> Any:
        """Return what *expression* is in the page."""
        told = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        return told.get("result", {}).get("value")

    def text(self, place: str) -> str:
        """Return the text that is shown at *place*, a selector."""
        return self.see(f"document.querySelector({place!r})?.innerText || ''") or ""

    def click(self, place: str) -> None:
        """Click at *place*."""
        self.see(f"document.querySelector({place!r}).click()")

    def go(self, url: str) -> None:
        """Open *url*."""
        self.do("Page.navigate", url=url)

    def complaints(self) -> list[Any]:
        """Return what went wrong in the page: exceptions, and what its policy stopped."""
        kinds = ("Runtime.exceptionThrown", "Log.entryAdded")
        return [e["params"] for e in self.events if e.get("method") in kinds]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which a headless browser is driven."""
    folder: Path = tmp_path_factory.mktemp("browser")
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [str(CHROMIUM), *words, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = next(line for line in process.stderr if "DevTools listening" in line)
    yield "http://" + told.split("ws://")[1].split("/")[0]
    process.terminate()
    process.wait(WAIT_S)


@pytest.fixture
def tab(browser: str, server: Server) -> Tab:
    """A page that shows the test's server to its owner."""
    request = urllib.request.Request(f"{browser}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        found = Tab(json.load(answer)["webSocketDebuggerUrl"])
    token = (server.home / "token").read_text().strip()
    found.go(f"{server.facts()['tcp']}/?token={token}")
    until(lambda: found.text("#link") == "live")
    assert token not in found.see("location.href")
    return found


def test_the_queue_is_shown_and_follows(server: Server, tab: Tab) -> None:
    """What is submitted, runs and ends appears by itself; a name is only text."""
    node = Node(server, cores=2)
    job = server.submit(name=EVIL)
    (a,) = node.runs(1)
    node.starts(a)
    until(lambda: "running" in tab.text(f"tr[data-id='{job}']"))
    assert EVIL in tab.text(f"tr[data-id='{job}']")
    assert tab.see("document.title") == "Rota"
    until(lambda: "1 / 2" in tab.text(".node"))
    tab.click("[data-show='all']")
    node.ends(a)
    until(lambda: "done" in tab.text(f"tr[data-id='{job}']"))
    assert tab.complaints() == []


def test_a_job_is_shown_and_can_be_acted_on(server: Server, tab: Tab) -> None:
    """Its reason, what it runs; hold, release and kill."""
    job = server.submit(command="echo <b>bold</b>", name="one")
    tab.see(f"location.hash = '#/jobs/{job}'")
    until(lambda: "no node is connected" in tab.text("#detail"))
    assert "echo <b>bold</b>" in tab.text("#detail code")
    tab.click("#detail .actions button")
    server.until(job, "held")
    until(lambda: "release" in tab.text("#detail .actions"))
    tab.click("#detail .actions .danger")
    server.until(job, "cancelled")
    until(lambda: "cancelled" in tab.text("#detail h2"))
    assert tab.complaints() == []


def test_without_a_token_it_says_where_to_get_one(server: Server, browser: str) -> None:
    """And shows nothing else."""
    server.submit(name="secret name")
    request = urllib.request.Request(f"{browser}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        stranger = Tab(json.load(answer)["webSocketDebuggerUrl"])
    stranger.do("Network.clearBrowserCookies")
    stranger.go(server.facts()["tcp"] + "/")
    until(lambda: "rota up" in stranger.text("main"))
    assert "secret name" not in stranger.text("body")
