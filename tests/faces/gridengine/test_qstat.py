"""qstat."""

from __future__ import annotations

from tests.faces.gridengine.conftest import GridEngine


def test_lines_that_programs_read(ge: GridEngine) -> None:
    """Two lines to skip, then the number first and the state fifth."""
    job = ge("qsub", "-terse", "-h", "-N", "qst", "-b", "y", "-cwd", "true").out.strip()
    lines = ge("qstat").lines
    assert lines[0].startswith("job-ID  prior   name ") and set(lines[1]) == {"-"}
    words = next(line.split() for line in lines[2:] if line.split()[0] == job)
    assert (words[2], words[4]) == ("qst", "hqw") and len(words) > 5
    assert f"<JB_job_number>{job}</JB_job_number>" in ge("qstat", "-xml").out
    assert f"job_number:                 {job}" in ge("qstat", "-j", job).out
    assert ge("qstat", "-u", "nobody") == (0, "", "")
    ge("qdel", job)
    said = ge("qstat", "-j", job)
    assert said.code == 1 and said.err == f"Following jobs do not exist: \n{job}\n"
