"""Shepherds as their agent sees them: of today's release, and of yesterday's."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rota.agent import fold
from tests.agent.server import node, until


def test_upgrade(tmp_path: Path) -> None:
    """An agent of another release: the old shepherd finishes its work and ends, folder and
    all; new work goes to the new one; nothing runs twice."""
    old = tmp_path / "old"
    subprocess.run(["cp", "-r", str(Path(fold.__file__).parents[2]), str(old)], check=True)
    init = old / "rota" / "agent" / "__init__.py"
    init.write_text(init.read_text().replace('VERSION = "', 'VERSION = "old-'))
    code = (
        f"import sys; sys.path.insert(0, {str(old)!r});"
        "from rota.agent.__main__ import main; sys.exit(main())"
    )
    with node(tmp_path, start=False) as here:
        here.program = ("-c", code)
        here.start()
        go = tmp_path / "go"
        wait = f"while [ ! -e {go} ]; do sleep 0.02; done"
        here.run(1, [[0, 1, None], [1, 1, None]], command=wait)
        here.wait("started", 1)
        (before,) = here.shepherd_pids()
        here.kill_agent()
        here.program = ("-m", "rota.agent")
        here.start()
        assert len(here.shepherd_pids()) == 2
        hello = [m for m in here.server.told if m["t"] == "hello"][-1]
        assert [row[:4] for row in hello["holds"]] == [
            [1, 0, 1, "running"], [1, 1, 1, "waiting"],
        ]  # fmt: skip
        again = here.order(1, [[0, 1, None], [1, 1, None]], alloc=77, command="touch twice")
        here.server.tell(again)
        here.run(2, argv=["true"])
        assert here.finished(2)["exit"] == 0
        # What is with the old one is killed and read there.
        here.server.tell({"t": "read", "id": 5, "a": [1, 0, 1], "stream": "stdout",
                          "offset": 0, "max": 100, "follow": True})  # fmt: skip
        here.run(2, [[0, 2, None]], argv=["true"])
        assert here.finished(2, 0, 2)["exit"] == 0
        assert not [m for m in here.server.told if m["t"] == "data"]
        here.kill(1, 0, grace_ms=5000)
        assert here.finished(1, 0)["reason"]["code"] == "killed"
        here.server.until(lambda told: [m for m in told if m["t"] == "data"], "the end")
        assert here.seen("declined", 1, 0) is None
        go.touch()
        assert here.finished(1, 1)["exit"] == 0
        until(lambda: before not in here.shepherd_pids(), "the old one ends")
        until(lambda: len(fold.folders_of(str(here.home))) == 1, "its folder is gone")
        assert not list(tmp_path.rglob("twice"))
        here.run(3, argv=["true"])
        assert here.finished(3)["exit"] == 0
