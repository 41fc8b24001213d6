"""Documents of ours as batch scripts of Slurm's."""

from __future__ import annotations

import pytest

from rota.formats.sbatch import Submitter, read
from rota.formats.sbatch.writing import write


@pytest.mark.parametrize(
    "lines",
    [
        "--job-name=fit --time=1:30:00 --mem=500M --cpus-per-task=4",
        "--array=1-9:2%3 --dependency=afterok:7,afterany:8 --partition=long",
        "--nodes=3 --ntasks-per-node=2 --hold --no-requeue --constraint=a&b",
        "--output=o-%A.txt --error=e-%A.txt --licenses=abaqus:5",
        "--time=1:00:00 --signal=B:USR1@60",
    ],
)
def test_what_is_read_is_written_again(lines: str) -> None:
    """And means the same when it is read once more."""
    head = "\n".join(f"#SBATCH {line}" for line in lines.split())
    who = Submitter(folder="/data")
    first = read(f"#!/bin/sh\n{head}\ntrue\n", submitter=who).doc
    text, lost = write(first)
    second = read(text, submitter=who).doc

    assert lost == [] and text.endswith("\ntrue\n")
    for key in ("script", "origin", "env"):
        first.pop(key), second.pop(key)
    assert first == second


def test_a_command_becomes_a_script_and_what_has_no_word_is_said() -> None:
    """Placeholders become Slurm's variables."""
    text, lost = write({"command": "fit {task}", "array": "0-9", "retries": 2})
    assert text == "#!/bin/sh\n#SBATCH --array=0-9\nfit ${SLURM_ARRAY_TASK_ID}\n"
    assert lost == [("", "retries", "Slurm has no word for it")]
    text, lost = write({"command": "cat", "stdin": "open"})
    assert "input" not in text and lost[0][1] == "stdin"
