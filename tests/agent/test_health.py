"""A node looks at itself before it offers itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.agent import health, probe
from tests.agent.server import Node


def test_a_well_node(tmp_path: Path) -> None:
    """Nothing is wrong, and nothing is left behind by the look."""
    assert health.check(str(tmp_path)) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """The folder is named, and why."""
    (tmp_path / "out").write_text("not a folder")
    trouble = health.check(str(tmp_path))
    assert trouble is not None and trouble.code == "unhealthy"
    assert f"{tmp_path}/out cannot be written" in trouble.text


def test_full_disk_and_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are said, with how little is left."""
    monkeypatch.setattr(probe, "disk_free", lambda _: 1 << 20)
    monkeypatch.setattr(probe, "memory_free", lambda: 2 << 20)
    trouble = health.check(str(tmp_path))
    assert trouble is not None
    assert "only 1 MiB left on the disk" in trouble.text
    assert "only 2 MiB of memory left" in trouble.text


def test_an_unwell_node_says_so_in_its_hello(own: Node) -> None:
    """It connects all the same: its jobs are to be told of.  And it gets well again."""
    out, aside = own.home / "out", own.home / "aside"
    out.rename(aside)
    out.write_text("in the way")
    trouble = hello_again(own)["trouble"]
    assert trouble["code"] == "unhealthy" and f"{out} cannot be written" in trouble["text"]
    out.unlink()
    aside.rename(out)
    assert hello_again(own)["trouble"] is None


def hello_again(node: Node) -> dict[str, Any]:
    """Return the hello of *node*'s agent when it comes back after its line was cut."""
    before = node.server.connections
    node.server.hang_up()
    node.until_connected(before + 1)
    return [m for m in node.server.told if m["t"] == "hello"][-1]
