"""Task files of the JAWS Task Manager."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.jtm import pool_keys, read
from rota.formats.native import build
from rota.formats.pools import read_pool

TASK = """{
    "command": "/bin/bash script.sh | tee all.log",
    "output_dir": "$SCRATCH/run7",
    "output_files": "$SCRATCH/run7/a.bam,$SCRATCH/run7/a.bai",
    "stdout": "a.out", "stderr": "a.err",
    "pool": { "name": "align", "cluster": "cori", "time": "00:40:00", "cpu": 32,
              "mem": "10GB", "node": 2, "nwpn": 4, "shared": 0,
              "job_id": "cromwell_a1b2c3_align", "constraint": "haswell",
              "qos": "regular", "partition": "", "account": "m342" }
}"""


def test_the_vector() -> None:
    """Eight workers on two machines, each with its part; a pool of the workflow's own."""
    (reading,) = read(TASK)
    doc, origin = reading.doc, reading.doc["origin"]
    assert doc["command"] == "/bin/bash script.sh | tee all.log" and "shell" in doc
    assert (doc["cores"], doc["memory"], doc["time"]) == (8, f"{10 << 28} B", "00:40:00")
    assert doc["expect"] == ["a.bam", "a.bai"] and doc["cwd"] == "$SCRATCH/run7"
    assert (doc["output"], doc["error"]) == ("a.out", "a.err")
    assert origin["pool"] == "align_a1b2c3" and doc["tags"] == ["pool.align_a1b2c3"]
    assert pool_keys(origin) == {
        "time": "00:40:00", "max": 2, "agents": 4, "cores": 8, "memory": f"{10 << 28} B",
        "constraint": "haswell", "qos": "regular", "account": "m342",
    }  # fmt: skip
    assert read_pool({"kind": "slurm", **pool_keys(origin)})["agents"] == 4
    assert reading.sources["cores"] == "task.json:6:71"
    ((_, what, fate),) = reading.notices
    assert what == "pool" and fate.startswith("made by rota pool add align_a1b2c3 --kind")
    assert build({**doc, "cwd": "/data"}).origin["system"] == "jtm"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('{"command": "ls", "pool": {"poolname": "big"}}', {"pool": "big"}),
        ('{"command": "ls", "pool": {"name": "a", "mwpn": 2, "cpu": 8},}', {"cores": "4"}),
        ('{"command": "ls"}', {"pool": "small"}),
        ('{"task": "ls", "out": ""}', {"pool": "small"}),
        ('{"command": "ls", "pool": {"name": "a-b"}}', {"pool": "a_b"}),
        ('{"command": "ls", "pool": {"time": "00:00:00", "mem": "0G"}}', {"pool": "small"}),
        ('{"command": "/bin/bash /x/execution/script"}', {"rc": "/x/execution/rc"}),
    ],
)
def test_how_they_are_written_in_life(text: str, keys: dict[str, str]) -> None:
    """Misspelt, with a comma too many, without a pool; who gives no time makes no pool."""
    origin = read(text)[0].doc["origin"]
    assert {key: origin.get(key) for key in keys} == keys
    assert pool_keys(origin) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"pool": {}}', "task.json: command: is missing; say what is to be run"),
        ('{"command": "ls",\n"pool": {"time": "1h"}}', "task.json:2:10: time: '1h' is no"),
        ('{"command": "ls",\n"pool": {"mem": "lots"}}', "task.json:2:10: mem: 'lots' is"),
        ('{"command": "ls", "pool": {"cpu": -1}}', "task.json:1:28: cpu: '-1' is no whole"),
        ('{"command": ["ls"]}', "task.json:1:2: command: must be text"),
        ('{"command": "ls", "pool": 3}', "task.json:1:19: pool: must be a mapping"),
        ('{"command": "ls", "task": "w"}', "task.json:1:19: task: is command once more"),
        ("[]", "task.json: holds no task"), ("3", "task.json: is no task"),
    ],
)  # fmt: skip
def test_errors_have_line_and_key(text: str, told: str) -> None:
    """Located."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.sentence.startswith(told)


def test_what_is_not_carried_over_is_said() -> None:
    """An unknown key, a file that cannot be checked."""
    text = '{"command": "ls", "output_files": "/far/x", "pol": 1}'
    assert [what for _, what, _ in read(text)[0].notices] == ["/far/x", "pol"]


KEYS = ("command", "output_files", "pool", "name", "cpu", "mem", "time", "nwpn", "mwpn")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_is_a_job_or_a_located_error(value: Any) -> None:
    """No crash, no hang."""
    try:
        assert read(json.dumps(value))[0].doc["command"]
    except Malformed as error:
        assert error.complaints[0].where.startswith("task.json")
