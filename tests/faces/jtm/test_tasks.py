"""jtm-status, -isalive, -kill, -resource-log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rota.client.http import Client
from rota.faces.series import COLUMNS
from tests.faces.jtm.conftest import Jtm

Task = Callable[..., int]


def test_from_alive_to_killed(task: Task, jtm: Jtm, client: Client) -> None:
    """In its words, and exit codes."""
    number = task("-cr", "sleep 600")
    assert jtm("isalive", str(number))[:2] == (0, "yes\n")
    assert jtm("status", "-tid", str(number)).code == 0
    assert jtm("kill", str(number)).code == 0
    client.wait(number, timeout_s=60)
    assert jtm("isalive", "-tid", str(number))[:2] == (1, "no\n")
    assert jtm("status", "-tid", str(number))[:2] == (1, "terminated\n")
    assert jtm("kill", "-tid", str(number)).code == 0


def test_alive_until_the_rc_file_can_be_seen(
    task: Task, jtm: Jtm, client: Client, tmp_path: Path
) -> None:
    """A file system may be slower than we are."""
    script = tmp_path / "execution" / "script"
    script.parent.mkdir()
    script.write_text("true\n")
    number = task("-cr", f"/bin/bash {script}")
    client.wait(number, timeout_s=60)
    assert jtm("isalive", str(number))[:2] == (0, "yes\n")
    assert jtm("status", "-tid", str(number)).out == "success\n"
    (script.parent / "rc").write_text("0\n")
    assert jtm("isalive", str(number))[:2] == (1, "no\n")


def test_what_a_task_used(task: Task, jtm: Jtm, client: Client) -> None:
    """With the 26 fields that its readers know."""
    number = task("-cr", "true", "-p", "seen")
    client.wait(number, timeout_s=60)
    shown = json.loads(jtm("resource-log", "-tid", str(number)).out)
    assert shown["task_id"] == number
    assert all(list(row) == list(COLUMNS) for row in shown["resource_log"])


def test_what_is_not_there(jtm: Jtm) -> None:
    """Dead, unknown, or no number at all."""
    assert jtm("isalive", "99999999").code == 1
    assert jtm("status", "-tid", "99999999").code == jtm("kill", "99999999").code == 251
    assert jtm("kill").code == 2 and jtm("status", "-tid", "x\x1b").code == 2
