"""``python -m rota.sim`` as a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rota.sim.__main__ import main
from tests.sim.test_workload import GOOD, row


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "t.swf"
    lines = [row(f1=n, f2=n, f4=10, f5=4, f9=60, f12=n % 2) for n in range(1, 9)]
    path.write_text("\n".join(["; MaxProcs: 8", *lines, ""]))
    return path


def test_a_trace_gives_figures_and_a_schedule(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one JSON document and one CSV file."""
    out = tmp_path / "out.csv"
    assert (
        main([str(trace), "--policy", "fcfs:easy", "--schedule", str(out), "--json"]) == 0
    )
    figures = json.loads(capsys.readouterr().out)
    assert (figures["schema"], figures["jobs"], figures["procs"]) == (
        "rota.simulation/1",
        8,
        8,
    )
    head, first, *_ = out.read_text().splitlines()
    assert head == "job_id,submit,start,end,procs,requested_time,user"
    assert first == "1,1,1,11,4,60,1"


def test_the_default_policy_is_named_default(
    trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a table is printed when no JSON is asked for."""
    assert main([str(trace)]) == 0
    shown = capsys.readouterr().out
    assert "policy             default" in shown
    assert "avg_bsld" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "sfj:easy"], "unknown order"),
        (["--procs", "3"], "no job to replay"),
    ],
)
def test_what_makes_no_sense_is_refused(
    trace: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and a sentence."""
    assert main([str(trace), *words]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not shown as a traceback."""
    assert main([str(tmp_path / "none.swf")]) == 2
    assert "none.swf" in capsys.readouterr().err


def test_broken_lines_are_skipped_if_so_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And told."""
    path = tmp_path / "b.swf"
    path.write_text(f"{GOOD}\nnonsense\n")
    assert main([str(path), "--procs", "8"]) == 2
    assert main([str(path), "--procs", "8", "--skip-broken", "--json"]) == 0
    assert "b.swf:2" in capsys.readouterr().err


def test_a_scenario_that_does_not_hold_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says which expectation failed."""
    path = tmp_path / "s.yaml"
    path.write_text("""
name: s
cluster: {nodes: [{names: n1, cores: 1}]}
jobs: [{id: A, t: 0, user: u, cores: 1, run: 5, limit: 5}]
expect: [{start: A, at: 1}]
""")
    assert main(["--scenario", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == [
        [{"start": "A", "at": 1}, "[0.0]"]
    ]
