"""What sbatch's options mean in our keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats import sbatch
from rota.formats.native import build
from rota.formats.sbatch import Submitter, collect, read
from rota.formats.sbatch.meaning import exported


def doc(lines: str, **who: Any) -> dict[str, Any]:
    """Return the document of a script with one line of options."""
    text = f"#!/bin/sh\n#SBATCH {lines}\ntrue\n"
    return read(text, submitter=Submitter(folder="/data", **who)).doc


@pytest.mark.parametrize(
    ("lines", "keys"),
    [
        ("-n 4 -N 1 -c 2", {"cores": 8}),
        ("-N 3 --ntasks-per-node=2 -c 2",
         {"mode": "bynode", "n": 3, "cores_per_node": 4}),
        ("-N 2 --exclusive", {"mode": "bynode", "n": 2}),
        ("--mem 50", {"memory": f"{50 << 20} B"}),
        ("-n 2 --mem-per-cpu 1G", {"memory": f"{2 << 30} B"}),
        ("-N 2 --mem 1G", {"memory": f"{2 << 30} B"}),
        ("-t 1:30 --signal=B:USR1@60",
         {"time": "90s", "warn": "60s", "warn_signal": "USR1"}),
        ("-t 1 --signal=USR1@90", {"time": "60s", "warn": "59s"}),
        ("--gres=gpu:a100:2,fpga:1", {"gpus": 2, "resources": {"fpga": 1}}),
        ("--gpus-per-node=2 -N 2", {"gpus": 4}),
        ("-C 'a&(b|c)'", {"require": ["a&(b|c)"]}),
        ("-i in.dat", {"stdin": "in.dat"}),
        ("-i open", {"stdin": "./open"}),
        ("-w n7", {"host": "n7"}),
        ("-x n[1-2]", {"not_group": ["n1", "n2"]}),
        ("-L abaqus:5", {"licences": {"abaqus": 5}}),
        ("--no-requeue", {"restartable": False}),
        ("--nice=50", {"priority": -50}),
        ("-a 1-9:2%3", {"array": "1-9:2%3", "output": "slurm-{job}_{task}.out"}),
        ("-H", {"held": True}),
        ("-D /tmp", {"cwd": "/tmp"}),
        ("-p debug -A proj --comment hi",
         {"queue": "debug", "account": "proj", "info": "hi"}),
        ("-e e%j", {"output": "slurm-{raw}.out", "error": "e{raw}"}),
        ("--open-mode=append", {"output_mode": "append"}),
        ("-d afterok:7 --kill-on-invalid-dep=yes",
         {"after": ["ok:7"], "on_impossible": "fail"}),
    ],
)  # fmt: skip
def test_options_become_keys(lines: str, keys: dict[str, Any]) -> None:
    """And the document is one that our own reader takes."""
    found = doc(lines)
    assert {key: found.get(key) for key in keys} == keys
    assert build(found).script == found["script"]


def test_many_tasks_stay_on_one_node_where_one_is_large_enough() -> None:
    """Only what no node could hold is spread."""
    assert "mode" not in doc("-n 8", widest=lambda: 16)
    spread = doc("-n 32 -c 2", widest=lambda: 16)
    assert (spread["mode"], spread["threads"], spread["cores"]) == ("bycore", 2, 64)


def test_what_is_ignored_is_said() -> None:
    """Where, what, and what holds instead."""
    reading = read("#!/bin/sh\n#SBATCH --wckey=x --qos=long\n")
    assert ("job.sh:2:9", "--wckey", "it is not accounted for") in reading.notices


def test_mail_is_told_to_whom_at_what() -> None:
    """As ``notify`` says it; words of no meaning here are named."""
    lines = "#SBATCH --mail-user=ann@x.org\n#SBATCH --mail-type=begin,FAIL,REQUEUE\n"
    reading = read(f"#!/bin/sh\n{lines}")
    assert reading.doc["notify"] == {"ann@x.org": ["start", "fail"]}
    told = ("job.sh:3:9", "--mail-type REQUEUE", "nothing is told of that")
    assert told in reading.notices


def test_the_command_line_wins_over_variables_and_these_over_lines() -> None:
    """Each option is remembered with where it was said."""
    lines = {"time": ("1", "job.sh:2:1"), "mem": ("5", "job.sh:2:1")}
    found = collect([("time", "3")], variables={"SBATCH_TIMELIMIT": "2"}, lines=lines)
    assert found == {"time": ("3", "--time"), "mem": ("5", "job.sh:2:1")}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--no-such", "job.sh:2:9: unrecognized option '--no-such'"),
        ("--mem=lots", "job.sh:2:9: --mem: 'lots' is no amount of memory"),
        ("--mail-type=SOON", "job.sh:2:9: --mail-type: 'SOON' is none of NONE, BEGIN"),
        ("-a 5-1", "job.sh:2:9: --array: '5-1' runs backwards"),
    ],
)
def test_errors_have_line_and_option(line: str, told: str) -> None:
    """Located, with what would be right."""
    with pytest.raises(Malformed) as caught:
        read(f"#!/bin/sh\n#SBATCH {line}\n")
    assert caught.value.sentence.startswith(told)


def test_export() -> None:
    """All, none, or those named; a surrounding job's SLURM_ variables stay behind."""
    environ = {"A": "1", "B": "2", "SLURM_JOB_ID": "5"}
    assert exported(None, environ) == ({"A": "1", "B": "2"}, "")
    assert exported("NONE", environ) == ({}, "NONE")
    assert exported("A,C=3", environ) == ({"A": "1", "C": "3"}, "A,C=3")
    assert exported("ALL,C=3", environ)[0] == {"A": "1", "B": "2", "C": "3"}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=60))
def test_any_line_is_a_job_or_a_located_error(line: str) -> None:
    """No crash, no hang."""
    try:
        assert sbatch.read(f"#!/bin/sh\n#SBATCH {line}\n").doc["script"]
    except Malformed as error:
        assert error.complaints[0].where.startswith("job.sh:")
