"""HTCondor: the submit description, and what ``condor_q -json`` says.

The listings are written after what condor_q 9 and later print (its manual, and its own
tests of the formats): they were not recorded here, where it is not installed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rota.launch.contract import ENDED, QUEUED, RUNNING, STUCK, LaunchFailed
from rota.launch.htcondor import HTCondor
from tests.launch.samples import MARKER, PREFIX, output, pool, ticket

LISTED = """[
{
  "ClusterId": 31,
  "JobBatchName": "rota-ab12-big-7",
  "JobStatus": 2,
  "ProcId": 0
}
,
{
  "ClusterId": 32,
  "HoldReason": "The job exceeded its memory",
  "JobBatchName": "rota-ab12-big-8",
  "JobStatus": 5,
  "ProcId": 0
}
]
"""


def test_the_submit_description_is_made_of_the_script(tmp_path: Path) -> None:
    """What ``--dry-run`` shows is what condor_submit gets."""
    fake = tmp_path / "condor_submit"
    fake.write_text(f"#!/bin/sh\ncat >{tmp_path}/got\necho 31.0 - 31.0\n")
    fake.chmod(0o755)
    script = HTCondor().script(pool("htcondor"), ticket())
    command = HTCondor().submit(script, pool=pool("htcondor"), marker=MARKER)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        command.argv,
        input=command.stdin,
        env=env,
        text=True,
        capture_output=True,
        timeout=30,
    )
    assert HTCondor().submitted(output(done.stdout)) == "31.0"
    got = (tmp_path / "got").read_text().splitlines()
    assert {
        "request_cpus = 4", "request_memory = 8192", "request_gpus = 1", "queue",
        "batch_name = rota-ab12-big-7", "accounting_group = proj7",
        f"executable = {tmp_path}/.rota-pilots/{MARKER}.sh",
    } <= set(got)  # fmt: skip
    assert (tmp_path / ".rota-pilots" / f"{MARKER}.sh").read_text() == script


def test_states_are_read() -> None:
    """A held job never starts by itself."""
    seen = HTCondor().polled(output(LISTED))
    assert seen["31.0"].state == RUNNING
    assert seen["32.0"].state == STUCK
    assert "exceeded its memory" in seen["32.0"].word
    states = [
        HTCondor().polled(output(LISTED.replace(": 2,", f": {n},"))) for n in (1, 3, 4)
    ]
    assert [one["31.0"].state for one in states] == [QUEUED, ENDED, ENDED]


def test_nothing_found_is_nothing_printed() -> None:
    """And an answer all the same; rubbish is none."""
    assert HTCondor().polled(output("")) == {}
    for text in ("[{", '[{"ClusterId": 1}]', '{"a": 1}'):
        with pytest.raises(LaunchFailed):
            HTCondor().polled(output(text))
    poll = HTCondor().poll([], pool=pool("htcondor"), prefix=PREFIX)
    assert f'regexp("^{PREFIX}", JobBatchName)' in poll.argv
