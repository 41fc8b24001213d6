"""rota convert."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faces.conftest import Rota

JOB = "#!/bin/sh\n#SBATCH -J fit -n 2 --mem=1G -o o-%j.txt --wckey=me\n./fit\n"


@pytest.fixture
def job(tmp_path: Path) -> str:
    """A batch script of Slurm's."""
    path = tmp_path / "job.sh"
    path.write_text(JOB)
    return str(path)


def test_slurms_script_as_a_job_file(alone: Rota, job: str) -> None:
    """What is lost is said beside it; no server is needed."""
    said = alone("convert", job)
    assert (
        said.code == 0 and "name: fit\n" in said.out and "output: o-{job}.txt\n" in said.out
    )
    assert (
        "SLURM_" not in said.out
        and said.err == f"{job}:2:42: --wckey: it is not accounted for\n"
    )


def test_explain_tells_who_said_it(alone: Rota, job: str) -> None:
    """A line for each key."""
    lines = alone("convert", "--explain", job).lines
    assert any(line.split() == ["name", "fit", f"{job}:2:9"] for line in lines)


def test_there_and_back(alone: Rota, job: str, tmp_path: Path) -> None:
    """As JSON for programs, too."""
    (tmp_path / "job.yaml").write_text(alone("convert", job).out)
    said = alone("convert", str(tmp_path / "job.yaml"), "--to", "sbatch")
    assert said.out.startswith("#!/bin/sh\n#SBATCH --job-name=fit\n")
    found = alone("convert", job, "--json").json
    assert (found["from"], found["to"]) == ("sbatch", "rota")
    assert found["jobs"][0]["notices"][0]["what"] == "--wckey"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#!/bin/sh\n#SBATCH --nosuch\n", ":2:9: unrecognized option '--nosuch'"),
        ("\xff", "UTF-8"),
    ],
)
def test_errors_are_located(alone: Rota, tmp_path: Path, text: str, told: str) -> None:
    """Line and option."""
    path = tmp_path / "bad.sh"
    path.write_bytes(text.encode("latin-1"))
    said = alone("convert", str(path))
    assert said.code == 2 and told in said.err
    assert alone("convert", str(tmp_path / "nosuch")).code == 2
