"""The distribution's Chromium, without a window, driven over its own protocol.

Browser()  ──▶  Tab(url)   .go(url)  .see(js)  .text(place)  .click(place)  .key("x")
                           .shot("queue-dark")  .complaints()
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.server.running import WAIT_S, Server, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = os.environ.get("ROTA_SHOTS")
"""A folder that pictures of the pages are put in; without it none is taken."""


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
        """Return what *expression* is in the page; a promise is waited for."""
        told = self.do(
            "Runtime.evaluate", expression=expression, returnByValue=True,
            awaitPromise=True,
        )  # fmt: skip
        return told.get("result", {}).get("value")

    def text(self, place: str) -> str:
        """Return the text that is shown at *place*, a selector."""
        return self.see(f"document.querySelector({place!r})?.innerText || ''") or ""

    def until(self, place: str, word: str) -> None:
        """Wait until *word* is shown at *place*."""
        until(lambda: word in self.text(place))

    def click(self, place: str) -> None:
        """Click at *place*, once there is such a thing."""
        until(lambda: self.see(f"Boolean(document.querySelector({place!r}))"))
        self.see(f"document.querySelector({place!r}).click()")

    def fill(self, place: str, text: str) -> None:
        """Type *text* into the field at *place*."""
        until(lambda: self.see(f"Boolean(document.querySelector({place!r}))"))
        self.see(
            f"(box => {{ box.value = {json.dumps(text)};"
            " box.dispatchEvent(new Event('input', {bubbles: true})); })"
            f"(document.querySelector({place!r}))"
        )

    def key(self, key: str) -> None:
        """Press and release *key*."""
        text = {"text": key} if len(key) == 1 else {}
        self.do("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.do("Input.dispatchKeyEvent", type="keyUp", key=key)

    def go(self, url: str) -> None:
        """Open *url*."""
        self.do("Page.navigate", url=url)

    def at(self, address: str) -> None:
        """Show another page of the same server: "#/nodes"."""
        self.see(f"location.hash = {address!r}")

    def look(self, *, width: int = 1400, height: int = 860, theme: str = "light") -> None:
        """Be a screen of this size whose owner likes *theme*."""
        self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.do("Emulation.setEmulatedMedia", features=[feature])

    def shot(self, name: str) -> int:
        """Take a picture, kept as *name* where pictures are wanted; return its size."""
        data = base64.b64decode(self.do("Page.captureScreenshot")["data"])
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.png").write_bytes(data)
        return len(data)

    def complaints(self) -> list[Any]:
        """Return what went wrong in the page: exceptions, and what its policy stopped."""
        kinds = ("Runtime.exceptionThrown", "Log.entryAdded")
        return [e["params"] for e in self.events if e.get("method") in kinds]


class Browser:
    """The browser; ``with`` starts and ends it."""

    def __init__(self, folder: Path) -> None:
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                 "--disable-background-networking",
                 "--remote-debugging-port=0"]  # fmt: skip
        self._process = subprocess.Popen(
            [str(CHROMIUM), *words, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        told = next(line for line in self._process.stderr if "DevTools listening" in line)
        self._url = "http://" + told.split("ws://")[1].split("/")[0]

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=WAIT_S)

    def tab(self) -> Tab:
        """Return a new empty page."""
        request = urllib.request.Request(f"{self._url}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return Tab(json.load(answer)["webSocketDebuggerUrl"])

    def page_of(self, server: Server) -> Tab:
        """Return a page that shows *server* to its owner."""
        found = self.tab()
        found.look()
        token = (server.home / "token").read_text().strip()
        found.go(f"{server.facts()['tcp']}/?token={token}")
        until(lambda: found.text("#link") == "live")
        assert token not in found.see("location.href")
        return found
