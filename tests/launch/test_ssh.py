"""What is run over ssh, and what its answers are taken for.

About rota.launch.ssh and rota.launch.kept; rota.launch.ssh_nodes is tried on a real sshd,
in tests/real.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rota.formats.cluster import SshNode
from rota.launch.contract import Command, LaunchFailed, Output
from rota.launch.kept import Kept, read_kept, write_kept
from rota.launch.ssh import NO_PYTHON, Settled, agent_words, hold, leave, settle, settled

NODE = SshNode("ada@n1", "n1", 4, 1 << 30, ("a b",), ("gpu",), {"tape": 2})
AT = Settled("/tmp/rota-1-x", "/usr/bin/python3")
CALL = Command(("ssh", "-T", "--", "n1", "exec sh -c x"))


def locally(command: Command) -> Output:
    """Run what would be run on the node, here."""
    done = subprocess.run(
        ["sh", "-c", command.argv[-1]], input=command.stdin, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return Output(command, done.returncode, done.stdout, done.stderr)


def test_files_come_into_a_folder_of_ours_alone(tmp_path: Path) -> None:
    """The token is in no command line (G31); twice is the same folder."""
    node = SshNode("n1", "n1", python=sys.executable, scratch=str(tmp_path))
    command = settle(node, ssh=("ssh",), name="k-n1", files={"token": b"secret"})
    assert "secret" not in " ".join(command.argv)
    for _ in range(2):
        at = settled(locally(command))
    place = Path(at.place)
    assert (place.parent, place.stat().st_mode & 0o777) == (tmp_path, 0o700)
    assert (place / "token").read_bytes() == b"secret"
    assert (place / "token").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_made_is_not_used(tmp_path: Path) -> None:
    """Names in /tmp can be guessed (G25)."""
    node = SshNode("n1", "n1", python=sys.executable, scratch=str(tmp_path))
    command = settle(node, ssh=("ssh",), name="k", files={"token": b"x"})
    place = Path(settled(locally(command)).place)
    place.chmod(0o777)
    with pytest.raises(LaunchFailed, match="not ours alone"):
        settled(locally(command))


def test_the_line_carries_our_socket_and_starts_the_agent() -> None:
    """Words are quoted for the shell there; ssh's own options end before the host."""
    words = agent_words(NODE, idle="10m")
    argv = hold(NODE, AT, ssh=("ssh",), socket="/h/rota.sock", line="l1", words=words).argv
    assert f"{AT.place}/l1:/h/rota.sock" in argv
    assert argv[-3:-1] == ("--", "ada@n1")
    assert "a b" in argv[-1]
    assert argv[-1].count("setsid") == 1
    assert "--kill-jobs" in leave(NODE, AT, ssh=("ssh",), kill=True).argv[-1]
    assert "--kill-jobs" not in leave(NODE, AT, ssh=("ssh",)).argv[-1]


@pytest.mark.parametrize(
    ("code", "out", "err", "said"),
    [
        (255, "", "Host key verification failed.", "look at it yourself"),
        (255, "", "n1: Permission denied (publickey).", "works without a question"),
        (
            255,
            "",
            "Could not resolve hostname n1: Name or service not known",
            "no such host",
        ),
        (255, "", "connect to host n1 port 22: Connection refused", "does ssh listen"),
        (
            255,
            "",
            "Error: remote port forwarding failed for listen path",
            "AllowStreamLocal",
        ),
        (72, "", "cannot write /x: No space left on device", "free some"),
        (72, "", "cannot write /x: Read-only file system", "scratch: DIR"),
        (
            NO_PYTHON,
            "Python 3.6.8\nPython 2.7.18\n",
            "",
            "there is: Python 3.6.8, Python 2",
        ),
        (0, "Welcome to n1!\n", "", "login files"),
        (3, "", "", "ended with 3: it said nothing"),
        (None, "", "", "did not answer within"),
    ],
)
def test_every_failure_is_a_sentence(
    code: int | None, out: str, err: str, said: str
) -> None:
    """With the command as one would type it, without what is run there."""
    with pytest.raises(LaunchFailed) as caught:
        settled(Output(CALL, code, out, err))
    assert said in caught.value.sentence
    assert "`ssh -T n1`" in caught.value.sentence


def test_what_was_started_where_is_kept(tmp_path: Path) -> None:
    """For whoever ends it."""
    assert read_kept(tmp_path) == []
    row = Kept(SshNode("ada@n1", "n1"), AT, ("ssh", "-F", "x"))
    write_kept(tmp_path, [row])
    assert read_kept(tmp_path) == [row]
    assert json.loads((tmp_path / "ssh-nodes.json").read_text())[0]["place"] == AT.place
