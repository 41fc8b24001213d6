"""salloc: cores are held while a command runs here."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from tests.faces.slurm.conftest import Slurm


def test_a_command_knows_its_allocation(
    slurm: Slurm, client: Client, tmp_path: Path
) -> None:
    """It ends as the command does, and gives the cores back."""
    said = slurm("salloc", "-n", "2", "sh", "-c", "echo $SLURM_JOB_ID >id; exit 4")
    number = (tmp_path / "id").read_text().strip()
    assert said.code == 4 and said.err == (
        f"salloc: Granted job allocation {number}\n"
        f"salloc: Relinquishing job allocation {number}\n"
    )
    assert client.job(int(number)).state == "cancelled"


def test_wrong_usage(slurm: Slurm) -> None:
    """Nothing is held then."""
    assert slurm("salloc", "--nosuch").code == 255
    assert slurm("salloc", "-n", "999999", "true").code == 1
    assert slurm("salloc", "nosuchcommand").code == 127
