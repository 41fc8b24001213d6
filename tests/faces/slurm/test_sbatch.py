"""sbatch: what it prints, what it refuses, and what its jobs see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.faces.slurm.conftest import Slurm

ENV = """\
#!/bin/sh
#SBATCH -J hello
#SBATCH -o out-%x-%A_%a.txt -n 2
echo "$1" $SLURM_ARRAY_JOB_ID $SLURM_ARRAY_TASK_ID $SLURM_NTASKS $SLURM_JOB_NAME
"""


def test_a_job_with_its_script_and_arguments(
    slurm: Slurm, client: Client, tmp_path: Path
) -> None:
    """The script is copied: it may be gone before the job starts."""
    (tmp_path / "job.sh").write_text(ENV)
    said = slurm("sbatch", "-H", "-a", "3", "job.sh", "a b {task}")
    (tmp_path / "job.sh").unlink()

    assert said.code == 0 and said.err == "" and said.out.startswith("Submitted batch job ")
    job = int(said.out.split()[-1])
    client.release(job)
    client.wait(job, timeout_s=30)
    assert (tmp_path / f"out-hello-{job}_3.txt").read_text() == (
        f"a b {{task}} {job} 3 2 hello\n"
    )


def test_parsable_is_the_number_alone(slurm: Slurm) -> None:
    """With the cluster behind it only when one was named."""
    assert slurm("sbatch", "--parsable", "-H", "--wrap", "true").out.strip().isdigit()
    said = slurm("sbatch", "--parsable", "-M", "rota", "-H", "--wrap", "true")
    assert said.out.strip().endswith(";rota")
    assert slurm("sbatch", "-Q", "-H", "--wrap", "true").out == ""


@pytest.mark.parametrize(
    ("command", "code"), [("exit 3", 3), ("kill -9 $$", 1), ("true", 0)]
)
def test_wait_exits_as_the_job(slurm: Slurm, command: str, code: int) -> None:
    """The number is printed before."""
    said = slurm("sbatch", "--wait", "-o", "/dev/null", "--wrap", command)
    assert said.code == code and said.out.startswith("Submitted batch job ")


NO_SHEBANG = (
    "sbatch: error: This does not look like a batch script.  The first\n"
    "sbatch: error: line must start with #! followed by the path to an interpreter.\n"
    "sbatch: error: For instance: #!/bin/sh\n"
)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["nosuchfile"], 1, "sbatch: error: Unable to open file nosuchfile\n"),
        (["bare"], 1, NO_SHEBANG),
        (["-t", "bad", "--wrap", "true"], 255,
         "sbatch: error: Invalid --time specification\n"),
        (["--no-such-option", "--wrap", "true"], 255,
         "sbatch: unrecognized option '--no-such-option'\n"
         'Try "sbatch --help" for more information\n'),
        (["--array=1-0", "--wrap", "true"], 1,
         "sbatch: error: Batch job submission failed: Invalid job array specification\n"),
        (["--mem", "999999G", "--wrap", "true"], 1,
         "sbatch: error: Memory specification can not be satisfied\n"
         "sbatch: error: Batch job submission failed: "
         "Requested node configuration is not available\n"),
        (["--wrap", "true", "hello.sh"], 1,
         "sbatch: error: Script arguments not permitted with --wrap option\n"),
        (["-n", "x", "--wrap", "true"], 255,
         'sbatch: error: Invalid numeric value "x" for --ntasks.\n'),
        (["dos"], 1, "sbatch: error: Batch script contains DOS line breaks (\\r\\n)\n"),
    ],
)  # fmt: skip
def test_refusals_begin_with_slurms_words(
    slurm: Slurm, tmp_path: Path, words: list[str], code: int, told: str
) -> None:
    """Nothing is printed where the number would stand."""
    (tmp_path / "bare").write_text("echo no shebang\n")
    (tmp_path / "dos").write_bytes(b"#!/bin/sh\r\ntrue\r\n")
    said = slurm("sbatch", *words)
    assert (said.code, said.out) == (code, "") and said.err.startswith(told), said.err


def test_a_dependency_on_a_job_long_gone_is_fulfilled(
    submitted: Callable[..., str], client: Client
) -> None:
    """As with Slurm; those that are there are waited for."""
    first = submitted("-H", "--wrap", "true")
    second = submitted("-H", "-d", f"afterany:{first}:99999999", "--wrap", "true")
    assert client.job(int(second)).get("after") == [f"any:{first}"]


def test_singleton_waits_for_all_of_its_name(
    submitted: Callable[..., str], client: Client
) -> None:
    """Of the same user."""
    first = submitted("-H", "-J", "alone*", "--wrap", "true")
    second = submitted("-H", "-J", "alone*", "-d", "singleton", "--wrap", "true")
    assert client.job(int(second)).get("after") == [f"any:{first}"]


def test_test_only_hands_nothing_in(slurm: Slurm, client: Client) -> None:
    """It says on stderr when it might start."""
    before = client.jobs(limit=1).jobs[0].id
    said = slurm("sbatch", "--test-only", "--wrap", "true")
    assert said.code == 0 and said.out == ""
    assert "to start at" in said.err and "using 1 processors" in said.err
    assert client.jobs(limit=1).jobs[0].id == before
