"""An agent of root: each job under the account of who handed it in, and nothing as root.

The users are those that every Linux has; what attacks are real processes of theirs.
"""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.agent import bundle
from rota.agent.accounts import Account
from rota.agent.herd import Herd
from rota.agent.herds import Herds
from rota.agent.reactor import Reactor
from rota.wire import agent as wire
from tests.agent.server import Node, until

NOBODY, DAEMON = 65534, 1
PYTHON = "/usr/bin/python3"

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user"),
    pytest.mark.skipif(not Path(PYTHON).exists(), reason="no python3 that all may run"),
]


class Shared(Node):
    """A node of many users; its folder is one that all may pass through."""

    def as_user(self, job: int, uid: int = NOBODY, **spec: Any) -> dict[str, Any]:
        """Run *job* as *uid*; return how it ended."""
        name = {NOBODY: "nobody", DAEMON: "daemon", 0: "root"}.get(uid, "ghost")
        self.run(job, uid=uid, user=name, **{"cwd": "/tmp", **spec})
        return self.finished(job)

    def read(self, job: int, stream: str = "stdout") -> dict[str, Any]:
        """Return what the agent answers to who reads the output of *job*."""
        self.server.tell({"t": "read", "id": job, "a": [job, 0, 1], "stream": stream,
                          "offset": 0, "max": 65536, "follow": False})  # fmt: skip

        def answer(told: list[dict[str, Any]]) -> dict[str, Any] | None:
            return next((m for m in told if m["t"] == "data" and m["id"] == job), None)

        found: dict[str, Any] = self.server.until(answer, f"output of {job}")
        return found

    def text(self, job: int) -> str:
        """Return what *job* wrote, as the agent tells it."""
        return base64.b64decode(self.read(job)["b64"]).decode()


@pytest.fixture(scope="module")
def many() -> Iterator[Shared]:
    """A node whose agent is root and serves all users from id 1 on."""
    folder = Path(tempfile.mkdtemp(prefix="rota-users-"))
    folder.chmod(0o755)
    bundle.write(str(folder / "agent.pyz"))
    here = Shared(
        folder, python=PYTHON, options=("--as-users", "--uid-min", "1"),
        program=(str(folder / "agent.pyz"),),
    )  # fmt: skip
    here.token_file.chmod(0o600)
    try:
        here.start()
        yield here
    finally:
        here.close()
        shutil.rmtree(folder)


def test_a_job_is_its_users(many: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids, groups, mask, variables, session; no file of the agent is open in it."""
    text = "id -u; id -g; id -G; umask; echo $HOME $USER $LOGNAME; ls /proc/self/fd | wc -l"
    assert many.as_user(1, command=text)["reason"]["code"] == "ok"
    said = many.text(1).splitlines()
    assert said[:4] == ["65534", "65534", "65534", "0022"]
    assert said[4:] == ["/nonexistent nobody nobody", "4"]


def test_users_do_not_see_each_other(many: Shared) -> None:
    """Their folders are their own."""
    assert many.as_user(2, DAEMON, command="echo mine; touch $TMPDIR/x")["exit"] == 0
    assert many.as_user(3, command=f"cat {many.home}/users/1/out/2/0.1.out")["exit"] == 1
    assert many.text(2) == "mine\n" and many.text(3) == ""


@pytest.mark.parametrize(
    ("job", "uid", "spec", "told"),
    [
        (10, 0, {}, "user id 0 is below 1, from which on users are served"),
        (11, 54321, {}, "no account with user id 54321"),
        (12, NOBODY, {"user": "alice"}, "is nobody on this node, and alice at the server"),
        (13, None, {}, "its user has no user id at the server"),
        (14, NOBODY, {"outputs": ["*"]}, "brings no files along"),
    ],
)
def test_who_is_not_served(
    many: Shared, job: int, uid: int | None, spec: dict[str, Any], told: str
) -> None:
    """Nothing of it runs, and the reason says why."""
    many.run(job, uid=uid, argv=["true"], **spec)
    end = many.finished(job)
    assert told in end["reason"]["text"] and end["s"] is None


def test_where_the_user_cannot_go_no_job_goes(many: Shared) -> None:
    """The folder is entered by the user, not by root."""
    shut = many.folder / "shut"
    shut.mkdir(mode=0o700)
    end = many.as_user(20, argv=["true"], cwd=str(shut))
    assert end["reason"]["code"] == "cwd" and "Permission denied" in end["reason"]["text"]


def test_an_output_that_is_a_link_to_roots_file(many: Shared) -> None:
    """It is opened by the user, who may not write there: root's file stays (G25)."""
    secret = many.folder / "precious"
    secret.write_text("precious\n")
    secret.chmod(0o600)
    theirs = many.folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    (theirs / "out").symlink_to(secret)
    end = many.as_user(
        21, argv=["echo", "x"], output=str(theirs / "out"), output_mode="truncate"
    )
    assert end["reason"]["code"] == "output" and secret.read_text() == "precious\n"


@pytest.mark.parametrize(
    ("job", "made"),
    [(22, "ln -s {secret} {out}"), (23, "ln {secret} {out}"), (24, "mkfifo {out}")],
)
def test_an_output_replaced_shows_nobody_elses_file(
    many: Shared, job: int, made: str
) -> None:
    """By a link, a hard link or a fifo: what is read is read as the user (G25)."""
    secret = many.folder / "token"
    out = f"{many.home}/users/{NOBODY}/out/{job}/0.1.out"
    many.as_user(job, command=f"rm {out}; {made.format(secret=secret, out=out)}")
    answer = many.read(job)
    assert base64.b64decode(answer["b64"]) == b""
    assert many.as_user(job + 10, argv=["true"])["reason"]["code"] == "ok"


def test_a_folder_replaced_leads_nowhere(many: Shared) -> None:
    """The folder of outputs becomes a link to one of root's: nothing is made (G25)."""
    target = many.folder / "roots"
    target.mkdir(mode=0o700)
    theirs = f"{many.home}/users/{DAEMON}"
    swap = f"rm -rf {theirs}/out; ln -s {target} {theirs}/out"
    many.as_user(25, DAEMON, command=swap)
    many.run(26, uid=DAEMON, user="daemon", argv=["echo", "x"], cwd="/tmp")
    assert "Permission denied" in many.answer(26)["reason"]["text"]
    assert not list(target.iterdir())
    os.unlink(f"{theirs}/out")


def test_jobs_outlive_the_agent_and_are_still_their_users(many: Shared) -> None:
    """Killed and started again, the agent knows whose they are."""
    go = many.folder / "go"
    text = f"while ! [ -e {go} ]; do sleep 0.05; done; id -un; exit 7"
    many.run(30, uid=NOBODY, user="nobody", command=text, cwd="/tmp")
    many.wait("started", 30)
    many.kill_agent()
    many.start()
    hello = [m for m in many.server.told if m["t"] == "hello"][-1]
    assert [30, 0, 1] in [row[:3] for row in hello["holds"]]
    go.touch()
    assert many.finished(30)["exit"] == 7
    assert many.text(30) == "nobody\n"
    many.run(31, uid=NOBODY, user="nobody", argv=["sleep", "60"], cwd="/tmp")
    many.wait("started", 31)
    many.kill(31)
    assert many.finished(31)["reason"]["code"] == "killed"


def test_a_shepherd_speaks_for_its_user_alone(many: Shared) -> None:
    """It may have been replaced: what it says of others' jobs is left out (G30)."""
    home = many.folder / "other"
    said: list[Any] = []
    frames: list[Any] = []

    def make(home: str, account: Account, on_frame: Any, on_word: Any) -> Herd:
        frames.append(on_frame)
        return Herd(
            Reactor(), home=home, linger_ms=1000, account=account, on_frame=on_frame,
            on_word=on_word, on_loss=lambda: None,
        )  # fmt: skip

    herds = Herds(
        str(home),
        reactor=Reactor(),
        make=make,
        uid_min=1,
        on_frame=said.append,
        on_word=said.append,
    )
    spec = {"uid": NOBODY, "user": "nobody", "argv": ["true"]}
    run = {"t": "run", "alloc": 1, "job": 5, "spec_version": 1, "tasks": [], "spec": spec}
    home.mkdir(mode=0o711)
    (home / "users").mkdir(mode=0o711)
    assert herds.run(run) is None
    herds.close()

    def end(job: int) -> wire.Message:
        return wire.declined((job, 0, 1), {"code": "killed", "text": "by me"})

    row = [0, 1, 1, 1, 1, 1, 1, 1]
    frames[-1](
        wire.encode(
            [end(5), end(6), {"t": "staged", "id": 3}, {"t": "health", "trouble": None},
             wire.samples([[5, *row], [6, *row]])]
        ).encode()
    )  # fmt: skip
    frames[-1](b"[1, 2")
    assert [wire.decode(frame) for frame in said] == [[end(5), wire.samples([[5, *row]])]]


def test_only_root_and_only_where_users_can_go(tmp_path: Path) -> None:
    """A home below a folder that is shut is refused at once, with what to do."""
    import subprocess
    import sys

    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-m", "rota.agent", "--server", "unix:/nowhere", "--as-users",
         "--home", str(shut / "node")], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "users cannot enter" in done.stderr
    until(lambda: not (shut / "node").exists(), "nothing is made")
