"""The server's log as lines of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.running import Server


def test_each_line_is_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first line to the last."""
    monkeypatch.setenv("ROTA_LOG_FORMAT", "json")
    with Server(tmp_path / "home") as server:
        server.submit()
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert {"at", "level", "logger", "message"} <= set(lines[0])
    assert lines[-1]["message"] == "stopping" and lines[-1]["at"].endswith("Z")
