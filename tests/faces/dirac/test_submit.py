"""dsub, dirac-wms-job-submit, dirac-wms-match."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.getopt import BadOption
from rota.faces.dirac.submit import loops
from tests.faces.dirac.conftest import Dirac

RUN = '#!/bin/sh\necho "$JOBID $DIRAC_JOB_PROCESSORS"\nfor a; do echo "<$a>"; done\n'


def test_sandboxes_of_parametric_jobs(dirac: Dirac, client: Client, tmp_path: Path) -> None:
    """Each job has its words; what it wrote comes back into a folder of its number."""
    (tmp_path / "run.sh").write_text(RUN)
    (tmp_path / "j.jdl").write_text("""[
        Executable = "run.sh"; Arguments = "'a;b' %s"; Parameters = { "p", "q" };
        InputSandbox = { "run.sh" }; OutputSandbox = { "std.out", "none*.csv" }; ]""")
    said = dirac("job-submit", "j.jdl", "-f", "ids")
    jobs = [int(line) for line in (tmp_path / "ids").read_text().split()]
    assert said.out == f"JobID = {jobs}\n" and len(jobs) == 2
    for job in jobs:
        assert client.wait(job, timeout_s=60).is_ok
    said = dirac("doutput", "-i", "ids", "-D", "back")
    assert said.code == 0 and len(said.lines) == 2, said.err
    for job, word in zip(jobs, "pq", strict=True):
        text = (tmp_path / "back" / str(job) / "std.out").read_text()
        assert text == f"{job} 1\n<a;b>\n<{word}>\n"
    peeked = dirac("job-peek", str(jobs[0]))
    assert peeked.lines[1:] == ["<a;b>", "<p>"], peeked.err


def test_who_wins(
    dirac: Dirac, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option over a #JDL line, this over --JDL; a script on stdin is one, too."""
    (tmp_path / "s.sh").write_text(
        "#!/bin/sh\n#JDL Priority = 3\n#JDL JobName = line\ntrue\n"
    )
    words = ("-J", "Priority = 2; JobGroup = g1;", "-N", "option", "s.sh", "an-argument")
    (number,) = dirac("dsub", *words).lines
    job = client.job(int(number))
    assert (job.name, job["priority"], job["tags"]) == ("option", 2, ["jobgroup.g1"])
    assert job["spec"]["args"] == ["an-argument"]
    monkeypatch.setattr("sys.stdin", io.StringIO("#JDL JobName = piped\ntrue\n"))
    said = dirac("dsub", "-v")
    assert client.job(int(said.out.removeprefix("JobID = "))).name == "piped"


def test_loops() -> None:
    """start:stop[:step[:factor]], without the stop."""
    assert loops("a,0:10:4,1:9:0:2") == ["a", "0", "4", "8", "1", "2", "4", "8"]
    for wrong in ("0:5:0", "0:x", "1:2:3:4:5"):
        with pytest.raises(BadOption):
            loops(wrong)


def test_match_and_refusals(dirac: Dirac, tmp_path: Path) -> None:
    """Why a job would wait; where a description is wrong."""
    (tmp_path / "j.jdl").write_text("Executable = ls;\nJobName = easy;")
    assert dirac("match", "j.jdl").lines[0] == "easy"
    (tmp_path / "j.jdl").write_text("Executable = ls;\nTags = { NoNodeHasThis };")
    said = dirac("match", "j.jdl")
    assert said.code == 1 and "no node offers NoNodeHasThis" in said.err
    (tmp_path / "bad.jdl").write_text('Executable = "ls;\n')
    said = dirac("job-submit", "bad.jdl")
    assert said.code == 1 and said.err.startswith("ERROR: bad.jdl:1:14: Executable: a text")
    assert dirac("job-submit").code == 2 and dirac("match").code == 2
    assert "cannot be read" in dirac("job-submit", "none.jdl").err
