"""The script that every pilot runs, tried with a shell and an agent that does nothing."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from pathlib import Path

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import Ticket
from tests.launch.samples import MARKER, pool, ticket

FAKE = """#!/bin/sh
shift
echo "$@" >>"$CALLS"
case "$*" in *--kill-jobs*) exit 0 ;; esac
[ -z "${HANG:-}" ] || { echo up >"$HANG"; exec sleep 1000; }
"""


def _script(tmp_path: Path, given: Pool, brought: Ticket) -> tuple[Path, dict[str, str]]:
    fake = tmp_path / "python"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    script = tmp_path / f"{MARKER}.sh"
    script.write_text(body(given, brought))
    env = {**os.environ, "CALLS": str(tmp_path / "calls"), "TMPDIR": str(tmp_path)}
    return script, env


def test_agents_are_started_and_their_jobs_ended(tmp_path: Path) -> None:
    """When all agents have gone, nothing is left but what was to be kept."""
    given = Pool("big", "local", agents=2, cores=4, python=str(tmp_path / "python"))
    kept = tmp_path / "kept"
    brought = ticket(nodes=("big-7.0", "big-7.1"), kept=str(kept))
    script, env = _script(tmp_path, given, brought)
    subprocess.run(["sh", script], env=env, check=True, timeout=30)
    calls = (tmp_path / "calls").read_text().splitlines()
    names = sorted(line.split()[1] for line in calls if "--server" in line)
    assert names == ["big-7.0", "big-7.1"]
    assert all("--cores 4" in line for line in calls if "--server" in line)
    assert sum("--kill-jobs" in line for line in calls) == 2
    assert not list(tmp_path.glob(f"{MARKER}*"))
    assert (kept / "out").is_dir()


def test_a_pilot_that_is_told_to_go_ends_its_jobs(tmp_path: Path) -> None:
    """TERM is what batch systems send before the end."""
    given = Pool("big", "local", python=str(tmp_path / "python"))
    script, env = _script(tmp_path, given, ticket(kept=str(tmp_path / "kept")))
    up = tmp_path / "up"
    os.mkfifo(up)
    pilot = subprocess.Popen(["sh", script], env={**env, "HANG": str(up)})
    assert up.read_text() == "up\n"
    pilot.send_signal(signal.SIGTERM)
    assert pilot.wait(30) == 0
    assert "--kill-jobs" in (tmp_path / "calls").read_text()


def test_a_script_can_bring_agent_and_token_along(tmp_path: Path) -> None:
    """Without a folder that both sides see; the token is for its owner's eyes."""
    agent = tmp_path / "seen"
    given = pool(
        "local", python=str(tmp_path / "python"), setup=f"stat -c %a $token >{agent}"
    )
    given = Pool("big", "local", python=given.python)
    cargo = {"agent": base64.b64encode(b"the agent").decode(), "token": "s3cret"}
    text = body(given, ticket(kept=None, cargo=cargo))
    text = text.replace(
        "\npython=", f'\nstat -c %a "$token" >{agent}\ncat "$agent" >>{agent}\npython='
    )
    script, env = _script(tmp_path, given, ticket())
    script.write_text(text)
    subprocess.run(["sh", script], env=env, check=True, timeout=30)
    assert agent.read_text() == "600\nthe agent"
    assert "s3cret" not in (tmp_path / "calls").read_text()
