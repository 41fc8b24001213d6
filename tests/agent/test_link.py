"""The line to the server: it comes back whatever happens, and says who it is."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

from tests.agent.server import FakeServer, Node, node, until


def test_hello_says_what_the_node_has(own: Node) -> None:
    """Cores, memory, who runs it, which kernel: all that a server places by."""
    (hello,) = [m for m in own.server.told if m["t"] == "hello"]
    assert hello["name"] == "here" and hello["holds"] == [] and hello["trouble"] is None
    assert hello["cores"] and hello["memory"] > 1 << 20
    assert {"python", "kernel", "host", "user", "uid", "version", "clock_at"} <= set(
        hello["facts"]
    )
    assert hello["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert own.server.tokens == ["Bearer secret"]


def test_what_it_offers_can_be_said(tmp_path: Path) -> None:
    """Options for what a node offers."""
    options = ["--cores", "5", "--memory", "2GB", "--label", "a", "--label", "b",
               "--require", "c", "--resource", "tape=3", "--gpus", "0,1"]  # fmt: skip
    with node(tmp_path, *options) as here:
        (hello,) = [m for m in here.server.told if m["t"] == "hello"]
        assert len(hello["cores"]) == 5 and hello["memory"] == 2 << 30
        assert hello["labels"][:2] == ["a", "b"] and hello["requires"] == ["c"]
        assert hello["resources"]["tape"] == 3 and hello["gpus"] == [0, 1]
        here.run(1, command='echo "<$CUDA_VISIBLE_DEVICES>"')
        here.finished(1)
        assert here.output(1) == "<>\n"
        order = here.order(2, None, alloc=99, command='echo "<$CUDA_VISIBLE_DEVICES>"')
        here.server.tell({**order, "gpus": [1]})
        here.finished(2)
        assert here.output(2) == "<1>\n"


def test_over_tcp(tmp_path: Path) -> None:
    """The same over http://host:port."""
    with node(tmp_path, start=False) as here:
        here.server.close()
        here.server = FakeServer()
        here.start()
        here.run(1, argv=["true"])
        assert here.finished(1)["exit"] == 0


def test_it_comes_back(own: Node) -> None:
    """A server that restarts finds the agent again, with what it holds."""
    own.run(1, command="sleep 600")
    own.wait("started", 1)
    for count in (2, 3):
        own.server.hang_up()
        own.until_connected(count)
    hello = [m for m in own.server.told if m["t"] == "hello"][-1]
    assert [row[:4] for row in hello["holds"]] == [[1, 0, 1, "running"]]


def test_it_waits_for_a_server_that_comes_later(tmp_path: Path) -> None:
    """Started first, it tries until there is one."""
    with node(tmp_path, start=False) as here:
        here.server.close()
        late = tmp_path / "late.sock"
        url = f"unix:{late}"

        class Later(FakeServer):
            @property
            def url(self) -> str:
                return url

        here.server = Later(tmp_path / "other.sock")
        log = tmp_path / "agent.log"

        def come() -> None:
            until(lambda: log.exists() and "cannot reach" in log.read_text(), "it tried")
            (tmp_path / "other.sock").rename(late)

        threading.Thread(target=come, daemon=True).start()
        here.start()


def test_beats(own: Node) -> None:
    """Beats come as often as the server asks, and carry how the node is."""
    own.server.beat_ms = 100
    own.server.hang_up()
    beats = own.server.until(
        lambda told: [m for m in told if m["t"] == "beat"][3:], "four beats"
    )
    assert beats[0]["memory_free"] > 0 and beats[0]["disk_free"] > 0


def test_g22_a_server_that_is_frozen_is_left(own: Node) -> None:
    """Beats without an answer: the line is given up and made anew (G22)."""
    own.server.beat_ms = 100
    own.server.answers_beats = False
    own.server.hang_up()
    own.until_connected(4)


def test_nonsense_from_the_server_is_survived(own: Node) -> None:
    """Messages that break their row are left out; frames that are none end the line."""
    own.server.tell({"t": "run", "alloc": "x"}, {"t": "dance"}, {"t": "kill"})
    own.run(1, argv=["true"])
    assert own.finished(1)["exit"] == 0
    assert own.server._line is not None
    own.server._line.send("this is no frame")
    own.until_connected(2)
    own.run(2, argv=["true"])
    assert own.finished(2)["exit"] == 0


def test_a_path_longer_than_the_kernel_takes(tmp_path: Path) -> None:
    """Home and socket may lie as deep as they like."""
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    with node(tmp_path, start=False) as here:
        here.home = deep / "node"
        here.server.close()
        assert len(str(deep)) > 107
        # The library cannot bind such a path; the kernel can, through a short link.
        short = tmp_path / "s"
        short.symlink_to(deep)
        here.server = FakeServer(short / "sock")
        here.server._path = deep / "sock"
        here.start()
        here.run(1, argv=["true"])
        assert here.finished(1)["exit"] == 0


def test_a_second_agent_is_refused(own: Node) -> None:
    """One home, one agent: the second says so and ends with 2."""
    import subprocess

    second = subprocess.run(
        [own.python, "-m", "rota.agent", "--server", own.server.url,
         "--home", str(own.home)],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert second.returncode == 2
    assert "another agent serves" in second.stderr


def test_idle_costs_nothing(own: Node) -> None:
    """Connected and idle, agent and shepherd hardly use the processor (no busy polls)."""

    def ticks() -> int:
        total = 0
        for pid in [own.agent.pid, *own.shepherd_pids()]:  # type: ignore[union-attr]
            words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(words[11]) + int(words[12])
        return total

    before, begin = ticks(), time.monotonic()
    own.server.until(lambda _: time.monotonic() > begin + 2 or None, "two seconds")
    assert ticks() - before <= 2


def test_it_does_not_listen_anywhere(own: Node) -> None:
    """Agents connect outwards: no port of theirs is open (G29)."""
    inodes = set()
    for pid in [own.agent.pid, *own.shepherd_pids()]:  # type: ignore[union-attr]
        for link in Path(f"/proc/{pid}/fd").iterdir():
            inodes.add(str(link.readlink()))
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in inodes
    assert socket.AF_UNIX


def test_a_missing_token_file_is_waited_for(tmp_path: Path) -> None:
    """It is read each time: a token that comes later, or changes, is taken."""
    with node(tmp_path, start=False) as here:
        here.token_file.unlink()
        log = tmp_path / "agent.log"

        def come() -> None:
            until(lambda: log.exists() and "No such file" in log.read_text(), "it tried")
            here.token_file.write_text("later")

        threading.Thread(target=come, daemon=True).start()
        here.start()
        assert here.server.tokens == ["Bearer later"]
