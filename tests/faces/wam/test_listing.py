"""wam -cstat, -qstat, -hist, -tc."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from tests.faces.wam.conftest import Wam


def test_what_is_listed(wam: Wam, client: Client, tmp_path: Path) -> None:
    """In WAM's columns and words."""
    (tmp_path / "gate").touch()
    Path("q.inp").write_text("bad")
    number = int(wam("-j", "q", "-cpus", "1", "-p", "2").out.partition(":")[0])
    line = next(ln for ln in wam("-qstat").lines if f"{number}:q" in ln).split()
    assert line[-2:] == ["Low", "5"]
    assert wam("-cstat").lines[0].split()[:3] == ["Host", "IP", "Cores"]
    assert "Running: " in wam("-cstat").lines[1]
    (tmp_path / "gate").unlink()
    assert client.wait(number, timeout_s=60).state == "failed"
    (line,) = (ln.split() for ln in wam("-hist").lines if f" {number} " in ln)
    assert line[2:6] == [str(number), "q", "JOB", "ERROR"]


def test_tokens(wam: Wam) -> None:
    """Cores, and GPUs."""
    assert wam("-tc", "12").out == "14\n" and wam("-tc", "15", "1").out == "16\n"
    assert wam("-tc").code == wam("-tc", "a").code == 2
