"""``rota run`` passes its input on: all of it, also to a second attempt, and the end."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from tests.client.cluster import Cluster


def run(cluster: Cluster, *words: str, stdin: int) -> subprocess.CompletedProcess[bytes]:
    """Run ``rota run`` with *stdin*."""
    return subprocess.run(
        cluster.command("run", "-q", *words), env=cluster.env, stdin=stdin,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_pipe_is_read_to_its_end(cluster: Cluster) -> None:
    """As any filter would."""
    done = cluster.rota("run", "-q", "--", "sort", text="b\na\n")
    assert (done.stdout, done.returncode) == ("a\nb\n", 0)


def test_a_large_file_arrives_to_the_byte(cluster: Cluster, tmp_path: Path) -> None:
    """Whatever the pieces it travels in."""
    data = os.urandom(3_000_001)
    (tmp_path / "data").write_bytes(data)
    with open(tmp_path / "data", "rb") as file:
        done = run(cluster, "--", "sha256sum", stdin=file.fileno())
    assert done.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_a_second_attempt_reads_a_file_anew(cluster: Cluster, tmp_path: Path) -> None:
    """The first one has eaten half of it."""
    (tmp_path / "data").write_bytes(b"one\ntwo\n")
    script = 'if [ "$ROTA_ATTEMPT" = 1 ]; then read x; exit 1; fi; exec cat'
    with open(tmp_path / "data", "rb") as file:
        done = run(cluster, "--retries", "1", "-c", script, stdin=file.fileno())
    assert done.stdout == b"one\ntwo\n"


def test_who_wants_none_reads_none(cluster: Cluster) -> None:
    """With -n, as in loops that read lines; and what is open for ever holds up nobody."""
    reads, writes = os.pipe()
    try:
        done = run(cluster, "-n", "--", "readlink", "/proc/self/fd/0", stdin=reads)
        idle = run(cluster, "--", "true", stdin=reads)
    finally:
        os.close(reads)
        os.close(writes)
    assert done.stdout == b"/dev/null\n"
    assert idle.returncode == 0


def test_a_job_that_reads_little_ends_like_any_other(cluster: Cluster) -> None:
    """Nobody waits for what is left to send."""
    text = "y\n" * 1_000_000
    done = cluster.rota("run", "-q", "--", "head", "-1", text=text)
    assert (done.stdout, done.returncode) == ("y\n", 0)


def test_its_own_file_comes_first(cluster: Cluster, tmp_path: Path) -> None:
    """Who names an input has said what is to be read."""
    (tmp_path / "in").write_text("file\n")
    path = str(tmp_path / "in")
    done = cluster.rota("run", "-q", "--stdin", path, "--", "cat", text="pipe\n")
    assert done.stdout == "file\n"


def test_the_server_may_be_away_in_between(tmp_path: Path) -> None:
    """Nothing of what was read is lost, nothing comes twice, and the end is the end."""
    with Cluster(tmp_path / "home") as cluster:
        process = subprocess.Popen(
            cluster.command("run", "-q", "--", "cat"), env=cluster.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("one\n")
        process.stdin.flush()
        assert process.stdout.readline() == "one\n"
        cluster.rota("down")
        process.stdin.write("two\n")
        process.stdin.flush()
        cluster.rota("up", "--detach", *cluster.words)
        rest, _ = process.communicate("three\n", timeout=60)
        assert (rest, process.returncode) == ("two\nthree\n", 0)
