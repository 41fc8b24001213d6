"""A story as a transcript: commands and what they printed, compared with what was blessed.

    $ rota submit -- true              blessed/first_job.txt keeps it; ROTA_BLESS=1
    job 1 submitted (true)             writes it anew, and the diff is read like code

What differs from run to run (times, pids, ports, folders) is replaced by a fixed word.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
from difflib import unified_diff
from pathlib import Path

from tests.client.cluster import Cluster

BLESSED = Path(__file__).parent / "blessed"

_SAME = (
    (r"(?m)^\d+ of \d+ tasks? over, .*\n", ""),  # there or not, as time would have it
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "DATE"),
    (r"\b\d+ms\b|\b\d+(\.\d)?s\b|\b\d+m\d\ds\b", "TIME"),
    (r"process \d+", "process PID"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"(?m)^used .*", "used MUCH"),
    (r"[\d.]+ [KMGT]iB\b", "SIZE"),
    (r"(?m)(of SIZE) +\d+\.\d\d\b", r"\1"),  # the load, which may not be known yet
    (r"\bcontainer(, container:\w+)+, ", ""),  # as this machine has them
    (r"(, )?\bcontainer(, container:\w+)+", ""),
    (rf"\b{getpass.getuser()}\b", "USER"),
    (r" +", " "),
    (r"(?m) +$", ""),
)


class Transcript:
    """See the head of the file; *name* is that of the blessed file."""

    def __init__(self, cluster: Cluster, name: str, *, cwd: Path) -> None:
        self._cluster = cluster
        self._name = name
        self._cwd = cwd
        self._lines: list[str] = []

    def __call__(self, *words: str, code: int = 0, text: str = "") -> str:
        """Run ``rota`` with *words*; note what it says; return its answer."""
        done = self._cluster.rota(*words, text=text, cwd=self._cwd)
        self._lines.append(f"$ rota {shlex.join(words)}")
        self._lines += (done.stdout + done.stderr).splitlines()
        assert done.returncode == code, "\n".join(self._lines)
        if code:
            self._lines.append(f"(exit code {code})")
        return done.stdout

    def end(self) -> None:
        """Compare all that was said with what was blessed."""
        path = BLESSED / f"{self._name}.txt"
        told = self._same("\n".join(self._lines)) + "\n"
        if os.environ.get("ROTA_BLESS"):
            path.write_text(told, encoding="utf-8")
        blessed = path.read_text(encoding="utf-8").splitlines()
        changes = list(unified_diff(blessed, told.splitlines(), "blessed", "told"))
        assert not changes, "\n".join(["not as blessed:", *changes])

    def _same(self, text: str) -> str:
        text = text.replace(str(self._cluster.home), "HOME").replace(str(self._cwd), "HERE")
        for pattern, word in _SAME:
            text = re.sub(pattern, word, text)
        return text
