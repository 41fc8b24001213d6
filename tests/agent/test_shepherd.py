"""The shepherd: outlives its agent, believes its journal, ends when nobody needs it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from rota.agent.lines import connect
from tests.agent.server import (
    Node,
    is_there,
    journal_of,
    kill_shepherd,
    node,
    until,
)


def test_old_garbage_and_a_torn_line(own: Node) -> None:
    """A journal with garbage in it and a torn end gives what is whole in it."""
    own.server.forgets = False
    own.run(1, command="exit 4")
    own.finished(1)
    own.kill_agent()
    kill_shepherd(own)
    path = journal_of(own)
    text = path.read_text("latin-1").split("\0")[0]
    lines = text.splitlines()
    lines[1:1] = ["garbage", '["end",{}]', "[1,2]", '["run"]', "\x7f\x80{", '{"t":"x"}']
    path.write_text("\n".join([*lines, '["end",{"t":"finished","a":[9,9']), "latin-1")
    own.server.told.clear()
    own.start()
    assert own.finished(1)["exit"] == 4
    assert not own.seen("finished", 9, 9, 9)
    log = next(own.home.glob("shepherds/*/log")).read_text()
    assert "6 lines make no sense" in log


def test_g07_numbers_seen_outlive_the_shepherd(own: Node) -> None:
    """An old attempt number is refused by the next shepherd too (G07)."""
    own.run(1, [[0, 5, None]], argv=["true"])
    own.finished(1, 0, 5)
    until(lambda: '["forget"' in journal_of(own).read_text("latin-1"), "it is forgotten")
    kill_shepherd(own)
    own.until_connected(2)
    own.run(1, [[0, 5, None]], argv=["true"])
    assert own.wait("declined", 1, 0, 5)["reason"]["evidence"]["stale"]


def test_term_leaves_jobs_alone(own: Node) -> None:
    """A clean stop of the agent leaves shepherd and attempts as they are."""
    own.run(1, command="sleep 600")
    pid = own.wait("started", 1)["pid"]
    own.kill_agent(signal.SIGTERM)
    assert own.agent is not None and own.agent.returncode == 0
    (shepherd,) = own.shepherd_pids()
    os.kill(shepherd, signal.SIGTERM)
    own.start()
    assert is_there(pid) and own.shepherd_pids() == [shepherd]


def test_g10_no_user_code_runs_before_its_start_is_recorded(own: Node) -> None:
    """Each task of a strip finds itself in the journal, first accepted, then started."""
    mine = "\\[\"go\",7,'$ROTA_TASK_ID',1,"
    look = f"cat shepherds/*/journal | tr -d '\\000' | grep -c '{mine}'"
    own.run(7, [[i, 1, None] for i in range(20)], command=f"cd {own.home} && {look}")
    own.finished(7, 19)
    assert [own.output(7, task) for task in range(20)] == ["1\n"] * 20
    text = journal_of(own).read_text("latin-1")
    assert text.index('["run"') < text.index('["go",7,0,1')


def test_a_shepherd_without_work_ends(tmp_path: Path) -> None:
    """With no attempts and no agent it stays a while and ends; its journal stays small."""
    with node(tmp_path, "--linger", "200ms") as here:
        here.run(1, [[i, 1, None] for i in range(50)], argv=["true"])
        here.finished(1, 49)
        until(lambda: journal_of(here).read_text("latin-1").count("[1,49,1]") > 1, "told")
        here.kill_agent(signal.SIGTERM)
        until(lambda: not here.shepherd_pids(), "it ends")
        text = journal_of(here).read_text("latin-1").rstrip("\0")
        assert len(text.splitlines()) == 2, text
        here.start()
        here.run(1, [[3, 1, None]], argv=["true"])
        assert here.wait("declined", 1, 3)["reason"]["evidence"]["stale"]


def test_a_bug_does_not_end_the_attempts(own: Node) -> None:
    """Whatever goes wrong in the shepherd is written down; what it cares for goes on."""
    own.run(1, command="sleep 600")
    pid = own.wait("started", 1)["pid"]
    (before,) = own.shepherd_pids()
    with connect(str(journal_of(own).with_name("sock"))) as line:
        line.sendall(b'no json\n[]\n{"t":"kill"}\n{"t":"dance"}\n')
        log = journal_of(own).with_name("log")
        until(lambda: "dance" in log.read_text(), "it went on")
    assert "this is a bug" in log.read_text() and "KeyError" in log.read_text()
    own.kill(1, grace_ms=0)
    assert own.finished(1)["reason"]["code"] == "killed"
    assert own.shepherd_pids() == [before] and not is_there(pid)
