"""The door of wq."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.faces.wq.entry import COMMANDS, main


def test_without_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which was looked for."""
    assert "ls" in COMMANDS and main("wq", ["ls"], home=str(tmp_path)) == 125
    said = capsys.readouterr().err
    assert said.startswith("wq: ") and str(tmp_path) in said
