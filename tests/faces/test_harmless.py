"""No text of a job moves a cursor, hides what stands there, or makes up lines."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rota.client.http import Client
from rota.faces.main import main
from tests.client.cluster import Cluster

ODD = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("\x1b\x9b\u202e\u2066\u200e\x07\r\n\t\x7f"),
    min_size=1,
    max_size=40,
)
WORST = "\x1b[2J\u202e\x9b1m\r\ngone\u2069"

FACES = {
    "slurm": (
        "squeue -o %i|%j|%k|%o|%Z|%u -t all -j {job}",
        "squeue -O JobID,Name,WorkDir,Comment,Command -t all -j {job}",
        "sacct -P -o JobID,JobName,Comment,SubmitLine,WorkDir,State -j {job}",
        "scontrol show job {job}",
        "scontrol -o -d show job {job}",
    ),
    "gridengine": ("qstat", "qstat -j {job}", "qstat -xml", "qacct -j {job}"),
    "jtm": ("jtm-status -tid {job}", "jtm-resource-log -tid {job}"),
    "wq": ("wq ls", "wq ls -f", "wq users", "wq stat"),
    "wam": ("wam -qstat", "wam -hist", "wam -cstat"),
    "dirac": (
        "dstat -a",
        "dirac-wms-job-attributes {job}",
        "dirac-wms-job-logging-info {job}",
        "dirac-wms-job-get-jdl {job}",
    ),
}
OURS = ("ls --all", "show {job}", "why {job}", "history {job}", "show {job} --json")


def test_whatever_a_job_says_every_face_shows_it(
    cluster: Cluster, client: Client, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Line ends and blanks are all that is not visible in what is printed."""
    monkeypatch.setenv("ROTA_HOME", str(cluster.home))

    def shown(call: Callable[[], int]) -> str:
        capsys.readouterr()
        call()
        told = capsys.readouterr()
        return told.out + told.err

    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @example(text=WORST)
    @example(text="x" * 5000)
    @given(text=ODD)
    def every_face(text: str) -> None:
        origin = {"system": "slurm", "submit_line": text, "comment": text, "job": text}
        doc = {"argv": ["true", text], "info": text, "env": {"A": text}, "origin": origin}
        job = client.submit({**doc, "held": True})[0].id
        try:
            for system, lines in FACES.items():
                face = import_module(f"rota.faces.{system}.entry").main
                for line in lines:
                    words = line.format(job=job).split()
                    harmless(shown(lambda f=face, w=words: f(
                        w[0], w[1:], home=str(cluster.home)
                    )), line)  # fmt: skip
            for line in OURS:
                words = line.format(job=job).split()
                harmless(shown(lambda w=words: main(w)), line)
        finally:
            client.kill(job)

    every_face()


def harmless(text: str, line: str) -> None:
    """Fail when *text*, the answer to *line*, holds anything that a terminal obeys."""
    left = text.replace("\n", "").replace("\t", "")
    odd = {char for char in left if not char.isprintable()}
    assert not odd, f"{line}: {odd}"
    assert not any(made.startswith("gone") for made in text.splitlines()), line
