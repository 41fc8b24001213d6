"""qacct."""

from __future__ import annotations

from tests.faces.gridengine.conftest import GridEngine


def test_a_record(ge: GridEngine) -> None:
    """Key and value; of what is not there a sentence."""
    words = ("-terse", "-sync", "y", "-b", "y", "-cwd", "-j", "y", "-N", "qa")
    job = ge("qsub", *words, "sh", "-c", "exit 3").out.strip()
    record = dict(line.split(None, 1) for line in ge("qacct", "-j", job).lines[1:])
    assert record["jobname"] == "qa" and record["exit_status"].strip() == "3"
    said = ge("qacct", "-j", "99999999")
    assert (said.code, said.err) == (1, "error: job id 99999999 not found\n")
    assert ge("qacct").code == 1
