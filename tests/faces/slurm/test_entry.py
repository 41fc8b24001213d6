"""One door for all of Slurm's commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.faces.slurm import entry


@pytest.mark.parametrize("command", ["sbatch", "squeue", "scancel"])
def test_versions(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Clients compare them."""
    assert entry.main(command, ["--version"]) == 0
    assert capsys.readouterr().out == "slurm-wlm 22.05.8\n"


@pytest.mark.parametrize(
    ("command", "words", "code", "told"),
    [
        ("sbatch", ["--wrap", "true"], 1,
         "sbatch: error: Batch job submission failed: Unable to contact slurm controller"),
        ("squeue", [], 1, "slurm_load_jobs error: Unable to contact slurm controller"),
        ("scancel", ["1"], 8, "scancel: error: Kill job error"),
    ],
)  # fmt: skip
def test_without_a_server(
    command: str, words: list[str], code: int, told: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Slurm's words, and below them which server was looked for."""
    monkeypatch.setattr(entry, "PAUSE_S", 0.0)
    assert entry.main(command, words, home=str(tmp_path)) == code
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith(told) and str(tmp_path) in said.err
