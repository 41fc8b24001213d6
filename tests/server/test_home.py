"""The home on disk: one server each, private, nothing torn."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rota.core.errors import Conflict, Refused
from rota.server.home import Home, write_whole
from tests.server.running import Server, UnixHTTP


def test_a_second_server_says_who_holds_the_home(server: Server) -> None:
    """With pid and host, and how to end it; the first one is not disturbed."""
    late = server.spawn()
    _, err = late.communicate(timeout=20)
    assert late.returncode == 2
    assert f"pid {server.ready['server_pid']} on {os.uname().nodename}" in err
    assert "rota down" in err
    assert server.good("GET", "")


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """However that ended: the kernel takes it back."""
    with Server(tmp_path / "home") as server:
        server.stop(9)
        assert (server.home / "server.json").exists()
        server.start()
        assert server.good("GET", "")["counts"] == {}


def test_within_one_process_too(tmp_path: Path) -> None:
    """A lock is a lock."""
    first, second = Home(tmp_path / "h"), Home(tmp_path / "h")
    first.make()
    first.lock()
    with pytest.raises(Conflict, match=f"pid {os.getpid()}"):
        second.lock()


def test_a_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Made so, and made so again when it is empty."""
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("open", "new/and/deep"):
        Home(tmp_path / name).make()
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """Nobody's home folder is closed by mistake."""
    (tmp_path / "docs").mkdir(mode=0o755)
    (tmp_path / "docs" / "letter").write_text("dear")
    with pytest.raises(Refused, match="holds other files"):
        Home(tmp_path / "docs").make()
    assert stat.S_IMODE((tmp_path / "docs").stat().st_mode) == 0o755


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    """Says what is in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot make the home"):
        Home(tmp_path / "file" / "home").make()


def test_g03_files_are_whole_or_not_at_all(tmp_path: Path) -> None:
    """No reader ever sees half of one; only the owner sees it at all."""
    path = tmp_path / "f"
    write_whole(path, "one")
    write_whole(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    """Homes may lie deep: 107 bytes are not much."""
    home = tmp_path / ("d" * 60) / ("e" * 60) / "home"
    home.parent.mkdir(parents=True)
    with Server(home) as server:
        assert len(str(home / "rota.sock")) > 107
        fd = os.open(home, os.O_RDONLY)
        link = UnixHTTP(Path(f"/proc/self/fd/{fd}/rota.sock"))
        link.request("GET", "/health")
        assert link.getresponse().status == 200
        os.close(fd)
        assert server.ready["url"].endswith("rota.sock")


def test_ready_is_told_and_taken_back(tmp_path: Path) -> None:
    """A clean stop leaves nothing that says "here"."""
    with Server(tmp_path / "home") as server:
        facts = server.facts()
        assert facts["server_pid"] == server.ready["server_pid"]
        assert facts["tcp"].startswith("http://127.0.0.1:")
        assert server.stop() == 0
    assert not (tmp_path / "home" / "server.json").exists()
    assert not (tmp_path / "home" / "rota.sock").exists()
