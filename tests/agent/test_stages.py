"""Stages of attempts under an agent whose server has no files: they wait, and may be ended.

About rota.agent.stages, rota.agent.plans, rota.agent.staging, rota.agent.patience and
rota.agent.depot.
"""

from __future__ import annotations

import os
import signal

import pytest

from rota.agent.plans import Plan, Staged
from rota.agent.stages import Exit, exit_of, told
from tests.agent.server import Node, until

DIGEST = "0" * 64


def phase_of(node: Node, job: int, phase: str) -> None:
    """Wait until an attempt is said to be in *phase*."""
    node.server.until(
        lambda said: any(
            m["t"] == "phase" and m["a"][0] == job and m["phase"] == phase for m in said
        ),
        f"{phase} of {job}",
    )


def test_g16_a_kill_while_inputs_come_is_carried_out(shared: Node) -> None:
    """It never starts: nothing of the job ran, and that is what is said."""
    shared.run(1, argv=["true"], cwd=None, tree=DIGEST)
    phase_of(shared, 1, "staging_in")
    shared.kill(1)
    end = shared.wait("declined", 1)
    assert end["reason"]["code"] == "killed"
    assert shared.seen("started", 1) is None
    assert not (shared.home / "work" / "1.0.1").exists()


def test_g16_a_kill_while_outputs_go_is_carried_out(shared: Node) -> None:
    """Its exit code is the true one all the same (G11)."""
    shared.run(2, command="echo x > x; exit 3", cwd=None, outputs=["x"])
    phase_of(shared, 2, "staging_out")
    shared.kill(2)
    end = shared.finished(2)
    assert (end["exit"], end["reason"]["code"]) == (3, "exit_code")
    assert "outputs" not in end["usage"]


def test_a_job_without_files_has_no_stages(shared: Node) -> None:
    """Nor does it pay for any."""
    end = shared.ran(argv=["true"])
    assert "stages" not in end["usage"]
    assert not any(
        m["t"] == "phase" and m["a"][0] == end["job"] for m in shared.server.told
    )


def test_what_is_expected_decides_how_it_ended(shared: Node) -> None:
    """There and not empty: well; else its failure says which is missing."""
    assert (
        shared.ran(command="echo x > r", cwd=None, expect=["r"])["reason"]["code"] == "ok"
    )
    end = shared.ran(command="touch r", cwd=None, expect=["r", "*.h5"])
    assert (end["exit"], end["reason"]["code"]) == (0, "expect")
    assert end["reason"]["text"].endswith("r, *.h5")
    end = shared.ran(command="exit 3", cwd=None, expect=["r"])
    assert end["reason"]["code"] == "exit_code"


def test_a_tree_that_is_none_fails_the_job_and_not_the_node(shared: Node) -> None:
    """A name that leads elsewhere is never a path here."""
    end = shared.ran(argv=["true"], cwd=None, tree="../../../etc/passwd")
    assert (end["exit"], end["reason"]["code"]) == (None, "stage_in")


def test_a_tree_is_never_laid_over_a_folder_that_is_somebodys(shared: Node) -> None:
    """Whatever a server says: what lies there stays."""
    kept = shared.folder / "mine" / "thesis"
    kept.parent.mkdir()
    kept.write_text("years")
    end = shared.ran(argv=["true"], cwd=str(kept.parent), tree=DIGEST)
    assert (end["exit"], end["reason"]["code"]) == (None, "stage_in")
    assert kept.read_text() == "years"


def test_outputs_go_on_after_the_shepherd_was_killed(own: Node) -> None:
    """How it ended is on disk before they go: nothing of it is lost (G11)."""
    own.run(1, command="echo x > x; exit 4", cwd=None, outputs=["x"])
    phase_of(own, 1, "staging_out")
    (pid,) = own.shepherd_pids()
    own.server.told.clear()
    os.kill(pid, signal.SIGKILL)
    until(lambda: own.shepherd_pids() not in ([], [pid]), "another shepherd")
    phase_of(own, 1, "staging_out")
    hello = own.server.until(
        lambda said: next((m for m in said if m["t"] == "hello"), None), "hello"
    )
    assert [1, 0, 1, "running"] in [row[:4] for row in hello["holds"]]
    own.kill(1)
    end = own.finished(1)
    assert (end["exit"], end["reason"]["code"]) == (4, "exit_code")


def test_a_shepherd_that_dies_while_inputs_come_gives_the_job_back(own: Node) -> None:
    """No user code ever ran: it may run elsewhere at once."""
    own.run(1, argv=["true"], cwd=None, tree=DIGEST)
    phase_of(own, 1, "staging_in")
    (pid,) = own.shepherd_pids()
    os.kill(pid, signal.SIGKILL)
    assert own.wait("declined", 1)["reason"]["code"] == "returned"


@pytest.mark.parametrize(
    ("code", "why", "shown"),
    [("ok", None, "ok"), ("ok", "expect", "expect"), ("exit_code", "expect", "exit_code")],
)
def test_its_own_failure_says_more_than_that_of_its_outputs(
    code: str, why: str | None, shown: str
) -> None:
    """One reason is told, and it is the first one."""
    message = {"reason": {"code": code, "text": ""}, "usage": {"stages": {"stage_in_s": 1}}}
    staged = Staged(
        {"code": why, "text": ""} if why else None, facts={"s": 2.0, "tree": "d"}
    )
    end = told(message, staged)
    assert end["reason"]["code"] == shown
    assert end["usage"]["stages"] == {"stage_in_s": 1, "stage_out_s": 2.0}
    assert end["usage"]["outputs"] == {"tree": "d"}


def test_an_exit_survives_the_journal() -> None:
    """Word for word."""
    plan = Plan(
        (1, 2, 3), "d", ["x"], expect=["y"], cwd="/w", is_fresh=True, log="/l", stamp=7
    )
    record = Exit({"s": 1}, plan).record()
    kind, message, rest = record
    assert exit_of([kind, message, [list(rest[0]), *rest[1:]]]) == Exit({"s": 1}, plan)
