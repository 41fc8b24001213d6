"""Slurm: what sbatch is asked, what squeue's lines say (recorded from Slurm 22.05)."""

from __future__ import annotations

import pytest

from rota.launch.contract import ENDED, QUEUED, RUNNING, STUCK, LaunchFailed, Seen
from rota.launch.slurm import STATES, Slurm
from tests.launch.samples import output, pool, ticket

LISTED = """\
12|RUNNING|None|rota-ab12-big-7
13|PENDING|Resources|rota-ab12-big-8
14|PENDING|PartitionTimeLimit|rota-ab12-big-9
15|CANCELLED|None|rota-ab12-big-1
16|RUNNING|None|my|own
"""


def test_all_that_is_asked_stands_in_the_script() -> None:
    """``--dry-run`` shows the whole truth."""
    script = Slurm().script(pool("slurm", qos="high", cluster="c1", agents=2), ticket())
    lines = [line[8:] for line in script.splitlines() if line.startswith("#SBATCH ")]
    assert {
        "--job-name=rota-ab12-big-7", "--time=60", "--cpus-per-task=8", "--mem=16384M",
        "--gres=gpu:2", "--partition=short", "--account=proj7", "--qos=high",
        "--clusters=c1", "--constraint=gen5", "--nodes=1", "--no-requeue",
    } <= set(lines)  # fmt: skip


def test_several_nodes_are_one_step_on_each() -> None:
    """An agent on every node of the allocation."""
    script = Slurm().script(pool("slurm", nodes=3), ticket(nodes=("big-7.0", "big-7.1")))
    assert "srun --nodes=3 --ntasks-per-node=1" in script
    assert "${SLURM_NODEID:-0}" in script


def test_what_squeue_says_is_read() -> None:
    """States, reasons, and names with bars in them."""
    seen = Slurm().polled(output(LISTED))
    assert seen["12"] == Seen(RUNNING, "rota-ab12-big-7", "RUNNING")
    assert seen["13"] == Seen(QUEUED, "rota-ab12-big-8", "PENDING (Resources)")
    assert seen["14"].state == STUCK
    assert "longer than the partition allows" in seen["14"].word
    assert seen["15"].state == ENDED
    assert seen["16"].name == "my|own"


def test_of_a_federation_only_the_rows_are_read() -> None:
    """With -M a heading stands above each cluster."""
    assert list(Slurm().polled(output("CLUSTER: c1\n" + LISTED))) == list(
        Slurm().polled(output(LISTED))
    )


def test_a_controller_that_is_down_says_nothing_about_jobs() -> None:
    """Nobody is gone because nobody answered."""
    err = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
    with pytest.raises(LaunchFailed, match="Unable to contact"):
        Slurm().polled(output(code=1, err=err))


def test_a_wrong_partition_is_told_with_a_cure() -> None:
    """The command, what it said, what to do."""
    err = "sbatch: error: invalid partition specified: nope"
    with pytest.raises(LaunchFailed, match=r"invalid partition.*`sinfo`") as told:
        Slurm().submitted(output(code=1, err=err))
    assert told.value.certain


def test_the_number_is_read_with_and_without_a_cluster() -> None:
    """--parsable gives "12" or "12;cluster"."""
    assert Slurm().submitted(output("12\n")) == "12"
    assert Slurm().submitted(output("12;c1\n")) == "12"


def test_every_state_leads_somewhere() -> None:
    """The table knows only our four words."""
    assert set(STATES.values()) == {QUEUED, RUNNING, STUCK, ENDED}
