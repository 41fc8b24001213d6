"""Two machines: network namespaces joined by a cable that can be cut, whole or one way.

head 198.18.79.1 ═══ cable ═══ 198.18.79.2 far        nothing else is reachable
"""

from __future__ import annotations

import os
import subprocess
from types import TracebackType

from tests.real.sshd import PATH, require

HEAD, FAR = "198.18.79.1", "198.18.79.2"


class Machines:
    """``with`` makes them and removes them, and with them all that is between them."""

    def __init__(self) -> None:
        self._tag = f"rt{os.getpid() % 100_000}"
        self.head, self.far = f"{self._tag}h", f"{self._tag}f"

    def __enter__(self) -> Machines:
        require("ip", "iptables", root=True)
        for name in (self.head, self.far):
            _run("ip", "netns", "add", name)
            _run("ip", "-n", name, "link", "set", "lo", "up")
        _run(
            "ip", "link", "add", "eth0", "netns", self.head, "type", "veth", "peer", "name",
            "eth0", "netns", self.far,
        )  # fmt: skip
        for name, address in ((self.head, HEAD), (self.far, FAR)):
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            _run("ip", "-n", name, "link", "set", "eth0", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for name in (self.head, self.far):
            _run("ip", "netns", "del", name)

    def on(self, name: str, *words: str) -> list[str]:
        """Return the command line that runs *words* on machine *name*."""
        return ["ip", "netns", "exec", name, *words]

    def cut(self) -> None:
        """Pull the cable."""
        _run("ip", "-n", self.far, "link", "set", "eth0", "down")

    def deafen(self, name: str) -> None:
        """Let machine *name* hear nothing; what it says arrives."""
        _run(*self.on(name, "iptables", "-w", "-I", "INPUT", "-i", "eth0", "-j", "DROP"))

    def heal(self) -> None:
        """Undo all that was cut."""
        _run("ip", "-n", self.far, "link", "set", "eth0", "up")
        for name in (self.head, self.far):
            _run(*self.on(name, "iptables", "-w", "-F", "INPUT"))


def _run(*words: str) -> None:
    env = {**os.environ, "PATH": PATH}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
