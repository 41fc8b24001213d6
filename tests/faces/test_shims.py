"""rota shims: other systems' commands as executables."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rota.faces.shims import FAMILIES
from tests.faces.conftest import Rota


def test_they_find_the_server_of_their_home(rota: Rota, tmp_path: Path) -> None:
    """With no variable set: tools clear the environment."""
    said = rota("shims", str(tmp_path / "bin"), "--json")
    assert said.code == 0
    commands = {command for some in FAMILIES.values() for command in some}
    assert set(said.json["commands"]) == commands

    done = subprocess.run(
        [tmp_path / "bin" / "sbatch", "--parsable", "-H", "--wrap", "true"],
        env={}, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.strip().isdigit(), done.stderr


def test_only_some(rota: Rota, tmp_path: Path) -> None:
    """By family; who has them is told how to use them."""
    said = rota("shims", str(tmp_path), "--only", "slurm")
    assert said.code == 0 and "PATH=" in said.out and (tmp_path / "squeue").exists()
