"""kill -9 of agent, shepherd, line, at any moment: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path
from threading import Event

import pytest

from rota.agent import procfs
from tests.agent.server import Node, node, until


def journal_of(node: Node) -> Path:
    """Return the journal of the node's only shepherd."""
    (path,) = node.home.glob("shepherds/*/journal")
    return path


def kill_shepherd(node: Node) -> None:
    """Kill the node's shepherds, and wait until they are gone."""
    pids = node.shepherd_pids()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(is_there(pid) for pid in pids), "the shepherds die")


def is_there(pid: int) -> bool:
    """Is there such a process, and no zombie?"""
    facts = procfs.facts_of(pid)
    return facts is not None and facts.state not in procfs.GONE_STATES


def test_attempts_outlive_the_agent(own: Node, tmp_path: Path) -> None:
    """Killed and started again, the agent adopts what runs, exit code and all (G13)."""
    go = tmp_path / "go"
    own.run(
        1, command=f"echo one; while [ ! -e {go} ]; do sleep 0.02; done; echo two; exit 42"
    )
    pid = own.wait("started", 1)["pid"]
    own.kill_agent()
    assert is_there(pid)
    own.start()
    (hello,) = [m for m in own.server.told if m["t"] == "hello"][1:]
    assert hello["holds"] == [[1, 0, 1, "running", own.seen("started", 1)["at"]]]
    go.touch()
    end = own.finished(1)
    assert (end["exit"], end["reason"]["code"]) == (42, "exit_code")
    assert own.output(1) == "one\ntwo\n"
    assert end["usage"]["cpu_s"] > 0


def test_ends_are_told_to_whoever_comes(own: Node) -> None:
    """What ended while nobody listened is told later, until it is forgotten (G11)."""
    own.server.forgets = False
    own.run(1, [[0, 1, None], [1, 1, None]], command="sleep 0.3; exit 7")
    own.wait("started", 1)
    own.kill_agent()
    until(lambda: journal_of(own).read_text("latin-1").count('["end"') == 2, "both ends")
    for count in (2, 3):
        own.server.told.clear()
        if count == 2:
            own.start()
        else:
            own.server.hang_up()
            own.until_connected(count)
        assert [own.finished(1, task)["exit"] for task in (0, 1)] == [7, 7]
    own.server.tell({"t": "forget", "as": [[1, 0, 1], [1, 1, 1]]})
    own.server.told.clear()
    own.server.hang_up()
    hello = own.server.until(lambda told: [m for m in told if m["t"] == "hello"], "hello")
    assert hello[0]["holds"] == []


def test_ends_outlive_the_shepherd(own: Node) -> None:
    """A shepherd killed after an end: the next tells it from the journal, word for word."""
    own.server.forgets = False
    own.run(1, command="exit 9")
    first = own.finished(1)
    own.server.told.clear()
    kill_shepherd(own)
    assert own.finished(1) == first


def test_a_killed_shepherds_attempts_are_ended_and_lost(own: Node, tmp_path: Path) -> None:
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


def cmdline(pid: int) -> bytes:
    """Return the command line of *pid*."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_all_killed_at_once(own: Node) -> None:
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


def test_numbers_seen_outlive_the_shepherd(own: Node) -> None:
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


class Campaign:
    """Sixty tasks, and what a server does until all are done: try again what was lost."""

    def __init__(self, here: Node, folder: Path) -> None:
        self.here = here
        self.ran = folder / "ran"
        self.ran.mkdir()
        self.number = dict.fromkeys(range(60), 1)
        self.done: dict[int, int] = {}
        self.order(self.number)

    def order(self, tasks: dict[int, int]) -> None:
        """Order *tasks* ({index: attempt number}) in two strips."""
        name = f"{self.ran}/$ROTA_TASK_ID.$ROTA_ATTEMPT.$$"
        text = f"echo $$ > {name}; sleep 0.0$((RANDOM % 4)); echo all"
        rows = [[task, n, None] for task, n in tasks.items()]
        for part in (rows[::2], rows[1::2]):
            if part:
                self.here.run(1, part, shell="/bin/bash", command=text)

    def go_on(self, count: int) -> None:
        """Be the server until *count* tasks are done."""

        def is_enough(_: object) -> bool:
            again = {
                task: n + 1 for task, n in self.number.items() if self.is_over(task, n)
            }
            if again:
                self.number.update(again)
                self.order(again)
            return len(self.done) >= count

        self.here.server.until(is_enough, f"{count} tasks done")

    def is_over(self, task: int, n: int) -> bool:
        """Has an attempt ended without being done, or was it never heard of?"""
        if task in self.done:
            return False
        end = self.here.seen("finished", 1, task, n)
        if end is None:
            declined = self.here.seen("declined", 1, task, n)
            return declined is not None or self.here.was_unheard(1, task, n)
        if end["reason"]["code"] == "ok":
            self.done[task] = n
            return False
        assert end["reason"]["code"] == "lost", end
        return True


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere(tmp_path: Path, seed: int) -> None:
    """Agents and shepherds are killed at random points; every attempt is told as it was:
    what is done ran once and whole, what is lost never counts as done, nothing stays."""
    chance = random.Random(seed)
    with node(tmp_path) as here:
        campaign = Campaign(here, tmp_path)
        for count in sorted(chance.sample(range(1, 58), 8)):
            campaign.go_on(count)
            before = here.server.connections
            # Not always right after a report: at any point of what follows it.
            Event().wait(chance.random() * 0.03)
            kind = chance.choice(["agent", "shepherd", "both"])
            if kind != "shepherd":
                here.kill_agent()
            if kind != "agent":
                kill_shepherd(here)
            if kind == "shepherd":
                here.until_connected(before + 1)
            else:
                here.start()
        campaign.go_on(60)
        for task, n in campaign.done.items():
            assert here.output(1, task, n) == "all\n"
            assert len(list(campaign.ran.glob(f"{task}.{n}.*"))) == 1
        pids = [
            int(path.read_text()) for path in campaign.ran.iterdir() if path.read_text()
        ]
        assert not [pid for pid in pids if is_there(pid) and b"ROTA" in cmdline(pid)]
