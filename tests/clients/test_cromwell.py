"""Cromwell's part of the bargain, by the strings of its page, as its source keeps it.

submit: filled in, into script.submit, run by bash ──▶ the number, by the regular expression
check-alive: exit 0 is alive ─── until the rc file is there ───▶ kill: rc = 143 comes first
"""

from __future__ import annotations

import json
import os
import re
from functools import partial
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.clients import pages
from tests.clients.conftest import Run, until

VALUES = {
    "rota.conf": {"cpu": "1", "memory_mb": "100", "minutes": "5"},
    "sge.conf": {"cpu": "1", "memory_gb": "1"},
    "jtm.conf": {
        "time": "00:05:00", "cpu": "1", "mem": "1G", "cluster": "cori", "node": "1",
        "poolname": "small", "nwpn": "1", "shared": "1",
    },
}  # fmt: skip
SCRIPT = """\
#!/bin/bash
cd {cwd}
( {command} ) > {out} 2> {err}
echo $? > {cwd}/execution/rc.tmp
mv {cwd}/execution/rc.tmp {cwd}/execution/rc
"""


class Backend:
    """A ``ConfigBackend`` for one call: its strings, and the call's folder."""

    def __init__(self, name: str, run: Run, cwd: Path) -> None:
        text = pages.files("cromwell")[name]
        found = re.findall(r'^ +([\w-]+) = ("(?:[^"\\]|\\.)*")$', text, re.MULTILINE)
        self.strings = {key: json.loads(value) for key, value in found}
        self.folder = cwd / "execution"
        self.folder.mkdir(parents=True)
        self.rc = self.folder / "rc"
        self.run = run
        self.values = {
            **VALUES[name], "cwd": str(cwd), "script": str(self.folder / "script"),
            "out": str(self.folder / "stdout"), "err": str(self.folder / "stderr"),
            "job_name": f"cromwell_0a1b2c3d_{name[:3]}",
        }  # fmt: skip

    def does(self, what: str) -> int:
        """Run one of the strings from a file of its own; return how it exits."""
        text = re.sub(r"\$\{(\w+)\}", lambda m: self.values[m[1]], self.strings[what])
        script = self.folder / f"script.{what}"
        script.write_text(f"#!/bin/bash\n{text}\n")
        done = self.run("/bin/bash", str(script))
        (self.folder / f"stdout.{what}").write_text(done.stdout)
        (self.folder / f"stderr.{what}").write_text(done.stderr)
        return done.returncode

    def submit(self, command: str) -> None:
        """Hand in a call."""
        (self.folder / "script").write_text(SCRIPT.format(command=command, **self.values))
        code = self.does("submit")
        assert code == 0, (self.folder / "stderr.submit").read_text()
        printed = (self.folder / "stdout.submit").read_text()
        found = re.search(self.strings["job-id-regex"], printed)
        assert found, printed
        whole = re.fullmatch(self.strings["job-id-regex"], found[0])
        assert whole
        self.values["job_id"] = whole[1]

    @property
    def is_alive(self) -> bool:
        """What check-alive says."""
        return self.does("check-alive") == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", VALUES)
def test_a_call_is_alive_until_its_rc_is_there(
    call: Run, tmp_path: Path, name: str
) -> None:
    """And what it wrote is where Cromwell looks for it."""
    one = Backend(name, call, tmp_path / "call-one")
    one.submit("while [ ! -e go ]; do sleep 0.05; done; echo hello; exit 3")
    assert one.is_alive and not one.rc.exists()
    (tmp_path / "call-one" / "go").touch()
    until(one.rc.exists)
    assert one.rc.read_text() == "3\n"
    assert (one.folder / "stdout").read_text() == "hello\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", VALUES)
def test_a_call_is_killed(call: Run, tmp_path: Path, name: str) -> None:
    """Cromwell writes the rc itself, and asks nothing more than that the job ends."""
    one = Backend(name, call, tmp_path / "call")
    one.submit("touch began; sleep 600")
    until((tmp_path / "call" / "began").exists)
    one.rc.write_text("143")
    assert one.does("kill") == 0
    job = one.values["job_id"]
    until(lambda: "CANCELLED" in call("sacct", "-X", "-n", "-o", "State", "-j", job).stdout)
    assert one.rc.read_text() == "143"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rota.conf", "jtm.conf"])
def test_no_answer_is_not_dead(call: Run, tmp_path: Path, name: str) -> None:
    """A server that is away costs no call: Cromwell believes "dead" at once."""
    one = Backend(name, call, tmp_path / "call")
    one.values["job_id"] = "1"
    away = tmp_path / "bin"
    assert Cluster(tmp_path / "gone").rota("shims", str(away)).returncode == 0
    one.run = partial(call, PATH=f"{away}:{os.environ['PATH']}")
    assert one.is_alive
