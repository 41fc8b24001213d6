"""wam -get, -m, -w, -k."""

from __future__ import annotations

import time
from pathlib import Path

from rota.client.http import Client
from tests.faces.wam.conftest import Wam


def test_looking_on_and_killing(wam: Wam, client: Client, tmp_path: Path) -> None:
    """Monitor files come while it runs; a kill is by number, or number and name."""
    (tmp_path / "gate").touch()
    Path("m.inp").write_text("deck")
    number = int(wam("-j", "m.inp", "-cpus", "1").out.partition(":")[0])
    end = time.monotonic() + 30
    while not wam("-m").out.startswith("m: m.sta") and time.monotonic() < end:
        pass
    assert " 1 3 out" in Path("m.sta").read_text()
    said = wam("-k", f"{number}:other")
    assert said.code == 2 and f"{number}:m" in said.err
    assert wam("-k", f"{number}:m").out == f"{number}:m: m killed\n"
    assert client.wait(number, timeout_s=60).state == "cancelled"
    said = wam("-w")
    assert said.code == 0 and "none of your jobs" in said.err


def test_watch_shows_the_end_of_the_convergence_file(
    wam: Wam, client: Client, tmp_path: Path
) -> None:
    """Until nothing runs; escape codes in it are shown, not obeyed."""
    import threading

    (tmp_path / "gate").touch()
    Path("w.inp").write_text("deck")
    number = int(wam("-j", "w.inp", "-cpus", "1").out.partition(":")[0])
    end = time.monotonic() + 30
    while not wam("-m").out and time.monotonic() < end:
        pass
    opener = threading.Timer(1.0, (tmp_path / "gate").unlink)
    opener.start()
    said = wam("-w")
    opener.join()
    assert "== w" in said.lines and " STEP INC" in said.lines and "\x1b" not in said.out
    assert client.wait(number, timeout_s=60).is_ok


def test_what_is_not_there(wam: Wam) -> None:
    """Said, with what is."""
    assert wam("-get", "99999999").code == wam("-k", "99999999").code == 1
    assert wam("-get", "x").code == wam("-k").code == 2
