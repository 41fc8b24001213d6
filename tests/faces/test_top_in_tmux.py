"""``rota top`` on a real terminal, tmux's: keys, sizes, and how little is sent."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.server.running import until

TMUX = shutil.which("tmux")

WHOLE = 100 * 24
"""Bytes of a screen, were it sent without a colour or a move of the cursor."""

LOOKS = 5

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(TMUX is None, reason="there is no tmux here"),
]


class Pane:
    """A terminal in which ``rota top`` runs; all it is sent is kept in a file."""

    def __init__(self, cluster: Cluster, folder: Path, *words: str) -> None:
        self.sent = folder / "sent"
        self._socket = str(folder / "tmux")
        top = shlex.join(cluster.command("top", *words))
        env = [f"-eROTA_HOME={cluster.home}", "-eTERM=xterm-256color"]
        # It begins when somebody listens: the first picture counts as well.
        self.tmux("new-session", "-d", "-x100", "-y24", *env, f"read x; exec {top}")
        self.tmux("pipe-pane", f"cat > {shlex.quote(str(self.sent))}")
        self.tmux("send-keys", "Enter")

    def tmux(self, *words: str) -> str:
        """Tell tmux something; return what it says."""
        done = subprocess.run(
            [str(TMUX), "-S", self._socket, "-f", "/dev/null", *words],
            capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        return done.stdout

    def lines(self) -> list[str]:
        """Return what stands on the screen."""
        return self.tmux("capture-pane", "-p").splitlines()

    def until(self, *words: str) -> str:
        """Wait until one line has all *words*; return it."""
        found: str = until(
            lambda: next(
                (line for line in self.lines() if all(word in line for word in words)), None
            )
        )
        return found

    def keys(self, *keys: str) -> None:
        """Press *keys*."""
        self.tmux("send-keys", *keys)


@pytest.fixture
def pane(cluster: Cluster, client: Client, tmp_path: Path) -> Iterator[Pane]:
    """A screen that looks twice a second."""
    made = Pane(cluster, tmp_path, "--every", "0.5")
    yield made
    if not _is_over(made):
        made.tmux("kill-server")


def test_a_job_is_held_killed_and_run_again_by_keys(pane: Pane, client: Client) -> None:
    """Kill asks once; its log is one key away, and follows."""
    talk = "i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.1; done"
    job = client.submit({"command": talk, "name": "talks", "cwd": "/tmp", "held": True})[0]
    pane.until("talks", "held")
    pane.keys("h")
    pane.until("talks", "running")
    pane.keys("Enter")
    pane.until("line 30")
    pane.keys("Escape")
    pane.until("talks", "running")
    pane.keys("k")
    pane.until(f"kill {job.id}?")
    assert client.job(job.id).state == "running", "nobody said yes"
    pane.keys("y")
    pane.until("talks", "cancelled")
    pane.keys("r")
    pane.until("talks", "running")
    client.kill(job.id)
    pane.keys("q")
    until(lambda: _is_over(pane))


def test_it_follows_the_size_of_the_terminal(pane: Pane, client: Client) -> None:
    """Narrow and low, and wide: the totals, the queue and the keys stay in sight.

    Also where somebody exported COLUMNS, as these tests do: that is no size to follow.
    """
    client.submit({"argv": ["true"], "name": "sized", "cwd": "/tmp", "held": True})
    pane.until("sized", "held")
    for width, height in ((50, 10), (160, 40)):
        pane.tmux("resize-window", f"-x{width}", f"-y{height}")
        until(lambda height=height: len(pane.lines()) == height)
        pane.until("cores in use")
        pane.until("sized")
        pane.until("l log", "n nodes")
        assert max(map(len, pane.lines())) <= width
    pane.until("sized", "held by")  # wide enough for the reason


def test_a_screen_on_which_a_clock_ticks_is_not_sent_again(
    pane: Pane, client: Client
) -> None:
    """Over a slow line: some looks cost less than one whole screen."""
    for n in range(20):
        client.submit({"argv": ["true"], "name": f"j{n}", "cwd": "/tmp", "held": True})
    job = client.submit({"argv": ["sleep", "600"], "name": "ticks", "cwd": "/tmp"})[0]
    pane.until("ticks", "running")
    # Its time has as many letters from ten seconds on: the columns have found their widths.
    pane.until("ticks", " 1", ".")
    seen: set[str] = set()

    def shown() -> int:
        seen.add(pane.until("ticks"))
        return len(seen)

    until(lambda: shown() > 1)
    before = pane.sent.stat().st_size
    until(lambda: shown() > LOOKS)
    assert pane.sent.stat().st_size - before < WHOLE
    client.kill(job.id)


def _is_over(pane: Pane) -> bool:
    """Whether the program has ended, and its terminal with it."""
    try:
        pane.lines()
    except subprocess.CalledProcessError:
        return True
    return False
