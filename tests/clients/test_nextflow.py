"""Nextflow's part of the bargain, as the source of its executor for Slurm keeps it.

.command.run, with a head ──▶ sbatch .command.run 2>&1 ──▶ the number
squeue --noheader -o '%i %t' -t all -p … -u … ──▶ two words a line, states that it knows
"""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.clients.conftest import Run, until

STATES = {"PD", "R", "CA", "CF", "CG", "CD", "F", "TO", "NF", "S", "ST", "PR", "BF"}
WRAPPER = """\
#!/bin/bash
#SBATCH -J nf-square_(1)
#SBATCH -o {log}
#SBATCH --no-requeue
#SBATCH --signal B:USR2@30
#SBATCH -c 2
#SBATCH -t 00:05:00
#SBATCH --mem 100M
#SBATCH -p default
{more}
# NEXTFLOW TASK: square (1)
set -e
set -u
on_exit() {{ code=${{ret:=$?}}; printf -- $code > {folder}/.exitcode; exit $code; }}
on_term() {{ set +e; [[ "$pid" ]] && kill $pid 2>/dev/null; }}
trap on_exit EXIT
trap on_term TERM INT USR2
trap '' USR1
touch {folder}/.command.begin
set +e
(set -o pipefail; ({command} | tee .command.out) 3>&1 1>&2 2>&3 | tee .command.err) &
pid=$!
wait $pid || ret=$?
"""


@pytest.fixture
def nextflow(call: Run, tmp_path: Path) -> Nextflow:
    """The executor, with a work folder for one task."""
    return Nextflow(call, tmp_path)


class Nextflow:
    """What the executor for Slurm does with one task."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder

    def submit(self, command: str, **facts: str) -> str:
        """Write the wrapper, hand it in; return the number."""
        log = facts.pop("log", str(self.folder / ".command.log"))
        text = WRAPPER.format(
            command=command, folder=facts.pop("folder", self.folder), log=log,
            more="".join(f"#SBATCH {word} {value}\n" for word, value in facts.items()),
        )  # fmt: skip
        (self.folder / ".command.run").write_text(text)
        done = self.run("sh", "-c", "sbatch .command.run 2>&1")
        assert done.returncode == 0, done.stdout
        found = re.search(r"Submitted batch job (\d+)", done.stdout)
        assert found and done.stdout.count("\n") == 1, done.stdout
        return found[1]

    def states(self, *more: str) -> Mapping[str, str]:
        """Ask for the queue; what it cannot read fails."""
        words = ["squeue", "--noheader", "-o", "%i %t", "-t", "all", "-p", "default"]
        done = self.run(*words, "-u", getpass.getuser(), *more)
        assert done.returncode == 0, done.stderr
        found = {}
        for line in done.stdout.splitlines():
            job, state = re.split(r"\s+", line)
            assert state in STATES
            found[job] = state
        return found


@pytest.mark.slow
def test_a_task(nextflow: Nextflow) -> None:
    """It is in every answer from its submission on, also for a while after its end."""
    job = nextflow.submit("sh -c 'echo 4; echo told >&2; while [ ! -e go ]; do :; done'")
    assert nextflow.states()[job] in ("PD", "R")
    until((nextflow.folder / ".command.begin").exists)
    assert nextflow.states("--only-job-state")[job] == "R"
    (nextflow.folder / "go").touch()
    until((nextflow.folder / ".exitcode").exists)
    assert (nextflow.folder / ".exitcode").read_text() == "0"
    assert (nextflow.folder / ".command.out").read_text() == "4\n"
    until(lambda: nextflow.states()[job] == "CD")
    assert sorted((nextflow.folder / ".command.log").read_text().split()) == ["4", "told"]


@pytest.mark.slow
def test_tasks_are_killed(nextflow: Nextflow) -> None:
    """Several at once; the wrapper has its TERM, and leaves the exit code."""
    job = nextflow.submit("sleep 600")
    until((nextflow.folder / ".command.begin").exists)
    assert nextflow.run("scancel", job, "999999").returncode == 0
    until(lambda: nextflow.states()[job] == "CA")
    assert (nextflow.folder / ".exitcode").read_text() == "143"


@pytest.mark.slow
def test_an_array_of_tasks(nextflow: Nextflow) -> None:
    """Children are N_0, N_1 …; each has its own folder."""
    (nextflow.folder / "0").mkdir()
    (nextflow.folder / "1").mkdir()
    job = nextflow.submit(
        "echo $SLURM_ARRAY_TASK_ID", folder="$SLURM_ARRAY_TASK_ID", log="/dev/null",
        **{"--array": "0-1"},
    )  # fmt: skip
    codes = [nextflow.folder / child / ".exitcode" for child in "01"]
    until(lambda: all(code.exists() for code in codes))
    assert [code.read_text() for code in codes] == ["0", "0"]
    until(lambda: {nextflow.states("-r").get(f"{job}_{n}") for n in (0, 1)} == {"CD"})


@pytest.mark.slow
def test_a_refusal_is_told_with_a_code(nextflow: Nextflow) -> None:
    """Nextflow shows what came back."""
    (nextflow.folder / ".command.run").write_text("#!/bin/bash\n#SBATCH -a 5-1\n")
    done = nextflow.run("sh", "-c", "sbatch .command.run 2>&1")
    assert done.returncode == 1 and "Invalid job array" in done.stdout
