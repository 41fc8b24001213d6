"""kill -9 of agent and shepherd at any moment: nothing lost, nothing doubled."""

from __future__ import annotations

import random
from pathlib import Path
from threading import Event

import pytest

from tests.agent.server import (
    Node,
    cmdline,
    is_there,
    kill_shepherd,
    node,
)


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


SEEDS = [
    pytest.param(seed, marks=[pytest.mark.slow] if seed > 2 else []) for seed in range(25)
]
"""Eight kills a seed: two hundred points in all, the first few in every run."""


@pytest.mark.parametrize("seed", SEEDS)
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


def test_an_agent_without_a_home_ends(own: Node) -> None:
    """Its home was removed, as tests and people do: it does not stay for ever."""
    assert own.agent is not None
    own.kill_agent()
    code = (
        "import sys; from rota.agent import health; health.CHECK_MS = 50;"
        "from rota.agent.__main__ import main; sys.exit(main())"
    )
    own.program = ("-c", code)
    own.start()
    (own.home / "agent.lock").rename(own.home / "moved.lock")
    assert own.agent.wait(20) == 0
    assert "is not ours any more" in (own.folder / "agent.log").read_text()
