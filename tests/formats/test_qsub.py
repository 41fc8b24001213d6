"""Batch scripts of Grid Engine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.native import build
from rota.formats.qsub import Unknown, read, scan, seconds, size


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("-N fit -cwd -j y", {"name": "fit", "cwd": "here", "output": "fit.o{job}",
                              "error": "fit.o{job}"}),
        ("-pe smp 4 -l h_rt=1:00:00,mem_free=2G",
         {"cores": 4, "time": "3600s", "memory": f"{8 << 30} B"}),
        ("-t 1-10:2 -tc 3", {"array": "1-10:2%3", "output": "job.sh.o{job}.{task}"}),
        ("-hold_jid 12,13", {"after": ["any:12", "any:13"]}),
        ("-hold_jid_ad 12", {"after": ["any:12[*]"]}),
        ("-o /x/$JOB_ID.out -e /y/",
         {"output": "/x/{job}.out", "error": "/y/job.sh.e{job}"}),
        ("-r n -p -5 -h -q long@n1", {"restartable": False, "priority": -5, "held": True,
                                      "queue": "long"}),
        ("-i open", {"stdin": "./open"}),
        ("-v A=1,B", {}),
    ],
)  # fmt: skip
def test_options_become_keys(line: str, keys: dict[str, Any]) -> None:
    """And the document is one that our own reader takes."""
    doc = read(f"#!/bin/sh\n#$ {line}\ntrue\n").doc
    assert {key: doc.get(key) for key in keys} == keys
    assert build({**doc, "cwd": "/data"}).origin["system"] == "gridengine"


def test_values() -> None:
    """K, M, G count in 1024, the small letters in 1000."""
    assert size("2G") == 2 << 30 and size("2g") == 2 * 10**9 and size("100") == 100
    assert seconds("90") == 90 and seconds("1:30") == 90 and seconds("1:0:0") == 3600


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-nosuch", "job.sh:2:4: Unknown option -nosuch"),
        ("-t 0-5", "job.sh:2:4: -t: '0-5' is no range of tasks"),
        ("-l h_rt=soon", "job.sh:2:4: -l: 'soon' is no time"),
        ("-pe smp", "job.sh:2:4: ERROR! -pe option must have argument"),
    ],
)
def test_errors_have_line_and_option(line: str, told: str) -> None:
    """Located."""
    with pytest.raises(Malformed) as caught:
        read(f"#!/bin/sh\n#$ {line}\n")
    assert caught.value.sentence.startswith(told)


def test_what_is_ignored_is_said() -> None:
    """With what holds instead."""
    fate = "cores are bound as the node says"
    assert read("#$ -binding linear\n").notices == [("job.sh:1:4", "-binding linear", fate)]


def test_mail() -> None:
    """-m and -M, of one line or two."""
    assert read("#$ -m be -M ann@x.org\n").doc["notify"] == {"ann@x.org": ["start", "end"]}
    with pytest.raises(Malformed, match=r"job\.sh:2.*'x' is none of"):
        read("#!/bin/sh\n#$ -m x\n")


def test_a_command_has_its_own_options() -> None:
    """The first word that is none ends them."""
    assert scan(["-N", "x", "job.sh", "-a", "1"]) == ([("-N", "x")], ["job.sh", "-a", "1"])
    with pytest.raises(Unknown):
        scan(["-N"])


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=60))
def test_any_line_is_a_job_or_a_located_error(line: str) -> None:
    """No crash, no hang."""
    try:
        assert read(f"#!/bin/sh\n#$ {line}\n").doc["script"]
    except Malformed as error:
        assert error.complaints[0].where.startswith("job.sh:")
