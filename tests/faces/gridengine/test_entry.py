"""One door for Grid Engine's commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.faces.gridengine.entry import COMMANDS, main


def test_without_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Grid Engine's words, and which server was looked for."""
    assert COMMANDS and main("qstat", [], home=str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: unable to contact qmaster: ") and str(tmp_path) in said
