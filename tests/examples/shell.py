"""A person at a terminal who types along with a page, and compares what comes.

```console
$ rota run -- echo hello        typed, in a fresh home
job 1                           compared, but for what differs from run to run:
hello                           times, process numbers, ports, paths, who and where
```
"""

import getpass
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

LOOKS = ("rota ls", "rota nodes", "rota log")
"""What shows how things are at a moment: asked again until it is that moment."""
LIMIT_S = 20.0
HOME_ON_PAGES = "/home/ada/.local/state/rota"
HOST = os.uname().nodename
USERS = "|".join({"ada", re.escape(getpass.getuser())})
DIFFERS = [
    (r"(?m)^.*\d+ of \d+ tasks? over.*\n", ""),  # told while it waits, if it waits
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN"),
    (r"\b\d+(\.\d+)?(ms|s)\b", "TIME"),
    (r"process \d+", "process PID"),
    (r"(?m)(^others  ROTA_SERVER=https://.*\n)+", "OTHERS\n"),  # one for each interface
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "WHEN"),
    (r"\brevoke \w{10}\b", "revoke ID"),
    (r"\brota1-[\w-]+", "rota1-TOKEN"),
    (r"(?m)^home\s+(?!HOME).*second.*$", "home SECOND"),
    (r"https://(?!127)[\w.-]+:\d+", "https://ADDRESS"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\[[*.]+\]", "[BAR]"),
    (r"\d+%(, TIME to go)?", "PART"),
    (r"has \d+ cores?; ask for at most \d+", "has CORES; ask for at most CORES"),
    (r"\b0/\d+\s+0 B of [\d.]+ \w+(\s+[\d.]+)?", "NOTHING USED"),
    # What a machine offers besides depends on the machine.
    (r",? *\b(container(:\w+)?|disk=[\d.]+ \w+)", ""),
    (rf"\b({USERS})\b", "USER"),
    (rf"\b(vm|{re.escape(HOST)})\b", "NODE"),
    (r" +", " "),
]


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """Yield (command, what it prints) of all console blocks of *page* that use rota."""
    for block in re.findall(
        r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    ):
        for part in block.split("\n$ " if block.startswith("$ ") else "$ "):
            command, _, printed = part.removeprefix("$ ").partition("\n")
            if not command.startswith("./"):
                yield command, printed


class Shell:
    """A person at a terminal, with a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ROTA_")}
        self.env["PATH"] = f"{Path(sys.executable).parent}:{self.env['PATH']}"
        self.env["ROTA_HOME"] = str(self.home)

    def run(self, command: str) -> str:
        """Return what *command* prints, on either stream."""
        words = ["/bin/sh", "-c", f"({command}) 2>&1"]
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def check(self, command: str, expected: str) -> None:
        """Run *command* and see that it prints what the page says."""
        if command.startswith("cat "):
            self._write(command.split()[1], expected)
            return
        if command.startswith("kill -9"):
            self._kill(command)
            return
        deadline = time.monotonic() + (LIMIT_S if command.startswith(LOOKS) else 0)
        found = self._plain(self.run(command))
        while found != self._plain(expected) and time.monotonic() < deadline:
            time.sleep(0.05)
            found = self._plain(self.run(command))
        assert found == self._plain(expected), f"after: $ {command}"

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def _kill(self, command: str) -> None:
        """Kill who is meant: the page's own numbers belong to other processes by now."""
        told = json.loads((self.home / "server.json").read_text())
        for pid in [told["server_pid"], *told["agent_pids"]]:
            os.kill(pid, 9)
        assert len(told["agent_pids"]) == 1 == command.count("agent")

    def _plain(self, text: str) -> list[str]:
        """Return the lines of *text* without what differs from run to run."""
        text = text.replace(str(self.home), "HOME").replace(HOME_ON_PAGES, "HOME")
        for pattern, instead in DIFFERS:
            text = re.sub(pattern, instead, text)
        return [line.strip() for line in text.splitlines() if line.strip()]
