"""Attempts whose shepherd was killed: found, ended, told as lost; strangers are not."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from rota.agent import procfs
from tests.agent.server import (
    Node,
    cmdline,
    is_there,
    journal_of,
    kill_shepherd,
    until,
)


def test_g17_a_killed_shepherds_attempts_are_ended_and_lost(
    own: Node, tmp_path: Path
) -> None:
    """Found by tag, even a daemon with an empty environment; never leaked or done (G17)."""
    daemon = "import os,time; os.fork() and os._exit(0); os.setsid(); time.sleep(600)"
    own.run(
        1, [[0, 1, None], [1, 1, None]],
        command=f'env -i python3 -c "{daemon}" mark-{tmp_path.name} & sleep 600',
    )  # fmt: skip
    own.wait("started", 1)
    mark = f"mark-{tmp_path.name}".encode()
    until(lambda: any(mark in cmdline(pid) for pid in procfs.all_pids()), "the daemon")
    kill_shepherd(own)
    end = own.finished(1)
    assert (end["exit"], end["sig"], end["reason"]["code"]) == (None, None, "lost")
    assert "killed" in end["reason"]["text"] and end["reason"]["evidence"]["pids_ended"]
    assert own.wait("declined", 1, 1)["reason"]["code"] == "returned"
    assert not [p for p in procfs.all_pids() if mark in cmdline(p) and is_there(p)]
    # And the node goes on.
    own.run(2, argv=["true"])
    assert own.finished(2)["exit"] == 0


def test_g17_all_killed_at_once(own: Node) -> None:
    """Agent and shepherd killed together: the next agent finds and tells."""
    own.run(1, command="sleep 600")
    pid = own.wait("started", 1)["pid"]
    own.kill_agent()
    kill_shepherd(own)
    own.start()
    assert own.finished(1)["reason"]["code"] == "lost"
    assert not is_there(pid)


def test_another_boot_means_nothing_is_held(own: Node) -> None:
    """After a reboot the journal's pids mean nothing: not held, not killed; the server
    decides by the boot id (G18).  What had ended is told all the same."""
    own.server.forgets = False
    own.run(1, command="exit 3")
    own.finished(1)
    own.run(2, command="sleep 600")
    pid = own.wait("started", 2)["pid"]
    own.kill_agent()
    kill_shepherd(own)
    path = journal_of(own)
    text = path.read_text("latin-1").split("\0")[0]
    boot = json.loads(text.splitlines()[0])[1]
    path.write_text(text.replace(boot, "another-boot"), "latin-1")
    own.server.told.clear()
    own.start()
    hello = next(m for m in own.server.told if m["t"] == "hello")
    assert hello["holds"] == [[1, 0, 1, "ended", None]]
    assert own.finished(1)["exit"] == 3
    assert is_there(pid), "a stranger that has the pid now must not be touched"
    os.kill(pid, signal.SIGKILL)
