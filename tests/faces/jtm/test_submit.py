"""jtm-submit: what becomes of a task and its pool."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.faces.jtm.conftest import Jtm

Task = Callable[..., int]


def test_what_cromwell_says(task: Task, client: Client, tmp_path: Path) -> None:
    """The submit string of its configuration, to the letter."""
    script = tmp_path / "execution" / "script"
    script.parent.mkdir()
    script.write_text(f"cd {tmp_path}; echo $((6 * 7)) > answer\n")
    number = task(
        "-cr", f"/bin/bash {script}", "-cl", "cori", "-t", "00:00:00", "-c", "1", "-m",
        "0G", "-p", "small", "-C", "haswell", "-N", "1", "-nwpn", "1", "-jid",
        "cromwell_a1b2c3d4_step", "--shared", "1",
    )  # fmt: skip
    job = client.wait(number, timeout_s=60)
    assert job.is_ok and job.name == "cromwell_a1b2c3d4_step"
    assert (tmp_path / "answer").read_text() == "42\n"


def test_a_task_file(
    task: Task, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables are filled in, outputs lie where they were asked for and are checked."""
    monkeypatch.setenv("SCRATCH", str(tmp_path))
    text = {
        "command": "echo a > a.bam; echo b | cat", "output_dir": "$SCRATCH",
        "output_files": "$SCRATCH/a.bam,$SCRATCH/a.bai", "stdout": "a.out",
        "pool": {"poolname": "align", "mwpn": 1},
    }  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps(text))
    job = client.wait(task("-f", "t.json"), timeout_s=60)
    assert (tmp_path / "a.out").read_text() == "b\n"
    assert job.state == "failed" and job["reason"]["code"] == "expect"
    assert "a.bai" in job.reason


def test_a_pool_is_made_like_its_model(task: Task, jtm: Jtm, client: Client) -> None:
    """And is gone, with its tasks, when it is removed."""
    client.pool_asked("add", "jtm", kind="local", max=1)
    try:
        number = task(
            "-cr", "true", "-p", "made", "-t", "00:20:00", "-c", "2", "-nwpn", "2"
        )
        (pool,) = (p for p in client.pools()["pools"] if p["name"] == "made")
        assert (pool["kind"], pool["max"]) == ("local", 1)
        assert client.job(number)["request"]["pool"] == "made"
        assert client.wait(number, timeout_s=90).is_ok
        assert int(jtm("check-worker", "-p", "made").out) >= 1
        held = task("-cr", "sleep 600", "-p", "made")
        assert jtm("remove-pool", "-p", "made", "-cl", "cori").code == 0
        assert client.wait(held, timeout_s=60).state == "cancelled"
    finally:
        client.pool_asked("remove", "jtm")


def test_refusals(jtm: Jtm, tmp_path: Path) -> None:
    """Each with JTM's number, and a sentence that says where."""
    (tmp_path / "bad.json").write_text('{"command": "ls"\n')
    said = jtm("submit", "-f", "bad.json")
    assert said.code == 254 and said.err.startswith("jtm-submit: bad.json:2:1: is not JSON")
    assert jtm("submit", "-f", "none.json").code == 254
    assert jtm("submit", "-j", '[{"command": "a"}, {"command": "b"}]').code == 254
    assert jtm("submit").code == 2 and jtm("submit", "-cr", "a", "-j", "{}").code == 2
    assert jtm("submit", "-cr", "true", "-c", "999999").code in (0, 253)
