"""wq sub: in the foreground it ends with its client, with -b it is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.getopt import BadOption
from rota.faces.wq.sub import scan
from tests.client.cluster import Cluster
from tests.faces.wq.conftest import Wq


def test_options() -> None:
    """As optparse reads them: joined, long, between the files."""
    assert scan(["-rN:2", "a.yaml", "-b", "b.yaml"]) == (
        {"require": "N:2"}, ["a.yaml", "b.yaml"], True,
    )  # fmt: skip
    assert scan(["--require=N:2", "-c", "ls -l"])[0] == {
        "require": "N:2",
        "command": "ls -l",
    }
    for words in (["-r"], ["--nosuch", "x"]):
        with pytest.raises(BadOption):
            scan(words)


def test_a_command_in_the_foreground(wq: Wq, tmp_path: Path) -> None:
    """Its output here, its exit code ours; ~/.wqrc before it, placeholders filled in."""
    (tmp_path / ".wqrc").write_text("precmd: export LAB=blue\n")
    command = "echo $LAB %threads%; cat %hostfile%; exit 3"
    said = wq("sub", "-r", "mode:by_core1; N:2; threads:2; hostfile:auto", "-c", command)
    assert said.code == 3 and said.out.splitlines()[1:] == ["blue 2", "node1"], said
    assert said.out.startswith("echo $LAB 2") or said.out.startswith(command)


def test_files_in_the_background(wq: Wq, client: Client, tmp_path: Path) -> None:
    """All or none; output beside each file."""
    (tmp_path / "a.yaml").write_text("command: echo from a; pwd\n")
    (tmp_path / "b.yaml").write_text("command: echo from b >&2\npriority: hi\n")
    said = wq("sub", "-b", "a.yaml", "b.yaml")
    assert said.code == 2 and "b.yaml:2:1: priority: 'hi' is no priority" in said.err
    (tmp_path / "b.yaml").write_text("command: echo from b >&2\npriority: high\n")
    said = wq("sub", "-b", "a.yaml", "b.yaml")
    assert said.code == 0 and "submitting a.yaml" in said.err
    for number in said.out.split():
        assert client.wait(int(number), timeout_s=60).is_ok
    assert (tmp_path / "a.yaml.wqlog").read_text() == f"from a\n{tmp_path}\n"
    assert (tmp_path / "b.yaml.wqlog").read_text() == "from b\n"


@pytest.mark.parametrize("words", [("sub",), ("sub", "a", "b"), ("sub", "--nosuch")])
def test_wrong_usage(wq: Wq, words: tuple[str, ...]) -> None:
    """Exit code 2 and a sentence."""
    said = wq(*words)
    assert said.code == 2 and said.err.startswith(("usage: wq sub", "wq sub: no such"))


def test_what_the_server_refuses_is_located(wq: Wq, tmp_path: Path) -> None:
    """By the line of wq's file."""
    (tmp_path / "a.yaml").write_text("command: a\nmode: by_core1\nN: 99\n")
    said = wq("sub", "a.yaml")
    assert said.code == 2 and "a.yaml:3:1" in said.err and "2" in said.err
    assert wq("sub", "nosuch.yaml").err.startswith("wq: nosuch.yaml cannot be read")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_client(
    cluster: Cluster, client: Client, tmp_path: Path, number: signal.Signals
) -> None:
    """However that is ended."""
    code = "from rota.faces.foreign import process; process('wq', 'wq')"
    ours = subprocess.Popen(
        [sys.executable, "-c", code, "sub", "-c", "echo $$ > pid; exec sleep 600"],
        cwd=tmp_path, env=cluster.env, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert ours.stderr and ours.stdout
    told = next(line for line in ours.stderr if line.startswith("job: "))
    job = int(told.split()[1])
    for _ in client.watch(jobs=[job], beat_s=0.1):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip():
            break
    os.kill(ours.pid, number)
    ours.communicate(timeout=60)
    # Killed before its line stood, it is missed only after a minute and a look.
    view = client.wait(job, timeout_s=120)
    assert view.state == "cancelled", view.raw
