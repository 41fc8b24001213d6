"""What a job of wq becomes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.resources import Mode, Node
from rota.formats.native import build
from rota.formats.wq import from_file, from_line, job_of, read
from rota.sched.placement import could_ever
from tests.formats.wq.conftest import JOB

GB = 1_000_000_000
DESCRIPTION = {"n1": (12, 64, "gen4 a"), "n2": (16, 64, "gen5"), "n3": (24, 24, "gen5"),
               "n4": (12, 64, "gen4 slow"), "n5": (12, 64, "gen4")}  # fmt: skip


def test_the_example_of_the_reference() -> None:
    """Every field; the command has its placeholders replaced."""
    doc = read(JOB).doc
    spec = build({**doc, "cwd": "/data"})
    assert spec.request.mode is Mode.BY_NODE and spec.request.n == 3
    assert (spec.request.group, spec.request.not_group) == (("gen4", "gen5"), ("slow",))
    assert (spec.request.min_cores, spec.request.min_memory) == (12, 32 * GB)
    assert (spec.name, spec.priority, spec.request.threads) == ("sim-07", 500, 4)
    assert "OMP_NUM_THREADS=4 mpirun -hostfile $ROTA_HOSTFILE ./sim" in str(spec.command)
    assert spec.shell == "/bin/bash"
    nodes = [
        Node(name, cores=frozenset(range(cores)), memory=memory * GB,
             labels=frozenset(labels.split()))
        for name, (cores, memory, labels) in DESCRIPTION.items()
    ]  # fmt: skip
    assert could_ever(spec.request, nodes) is None
    without = [node for node in nodes if node.name not in ("n3", "n4", "n5")]
    assert could_ever(spec.request, without) is not None, "n1, n2 and n5 are all there are"


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("mode:by_node; N:2; group:[gen4,gen5]",
         {"mode": "bynode", "n": 2, "group": ["gen4", "gen5"]}),
        ("mode:bynode; N:5", {"mode": "bynode", "n": 5}),
        ("N: 4", {"mode": "bycore", "cores": 4}),
        ("mode:by_core1; N:4; notgroup:slow; min_mem:23.5",
         {"mode": "bycore1", "not_group": ["slow"], "min_memory": "23500000000 B"}),
        ("mode:by_host;host:n1;N:2", {"mode": "byhost", "host": "n1", "cores": 2}),
        ("mode:by_group; group:gen5", {"mode": "bygroup", "group": ["gen5"]}),
        ("priority:block;job_name:a b  c", {"priority": "block", "name": "a-b-c"}),
        ("job_name: 'a;b: c'", {"name": "a;b:-c"}),
        ("", {"mode": "bycore"}),
    ],
)  # fmt: skip
def test_one_liners(line: str, keys: dict[str, Any]) -> None:
    """As after -r; what they say is what our own reader takes."""
    fields = {"command": ("./sim", "-c"), **from_line(line, where="-r")}
    doc = job_of(fields, where="-r").doc
    assert {key: doc.get(key) for key in keys} == keys
    assert build({**doc, "cwd": "/data"}).command == "./sim"


def test_a_one_liner_wins_over_the_file() -> None:
    """Field by field, by whatever spelling."""
    fields = {**from_file(JOB, where="j"), **from_line("N:1; notgroup:old", where="-r")}
    reading = job_of(fields, where="j")
    assert reading.doc["n"] == 1 and reading.doc["not_group"] == ["old"]
    assert reading.sources["n"] == "-r" and reading.sources["min_memory"] == "j:10:1"


def test_what_is_ignored_is_told() -> None:
    """With its place and why: typing errors, and fields of other modes."""
    text = "command: a\nmin_memm: 3\nhost: n1\nX: 1\nmin_cores: 2\n"
    told = {(where, what): fate for where, what, fate in read(text).notices}
    assert told["job.yaml:2:1", "min_memm"].endswith("did you mean `min_mem`?")
    assert told["job.yaml:3:1", "host"] == "wq looks at it with mode byhost only"
    assert ("job.yaml:4:1", "X") in told and ("job.yaml:5:1", "min_cores") in told


def test_host_files() -> None:
    """A path is filled and named; ours is what wq would write, threads or not."""
    doc = read("command: m -f %hostfile%\nhostfile: my hosts\n").doc
    assert doc["command"] == "m -f 'my hosts'" and doc["setup"].endswith(" 'my hosts'")
    assert read("command: m -f %hostfile%\nhostfile: auto\n").doc["command"] == (
        "m -f $ROTA_HOSTFILE"
    )


def test_braces_are_the_users_own() -> None:
    """What would be a placeholder of ours goes untouched, as a script."""
    doc = read("command: \"awk '{job}' x\"\n").doc
    assert doc["script"] == "#!/bin/bash\nawk '{job}' x" and "command" not in doc


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "command: a\nmode: by_nod\n",
            "job.yaml:2:1: mode: 'by_nod' is no mode; did you mean",
        ),
        ("command: a\nN: two\n", "job.yaml:2:1: N: 'two' is no whole number"),
        ("command: a\nmin_mem: 3GB\n", "job.yaml:2:1: min_mem: '3GB' is no number of GB"),
        (
            "command: a\npriority: hig\n",
            "job.yaml:2:1: priority: 'hig' is no priority; did",
        ),
        ("command: a\nmode: by_host\n", "job.yaml:2:1: host: mode by_host needs it"),
        ("command: a\ngroup: ['a b']\n", "job.yaml:2:1: group[0]: "),
        ("command: a\nthreads: 0.5\n", "job.yaml:2:1: threads: 0.5 is no whole number"),
        ("mode: by_core\n", "job.yaml: command: is missing"),
        ("command: [a]\n", "job.yaml:1:1: command: must be text"),
        ("- a\n", "job.yaml: must be a mapping"),
        ("command: a\n  b: [\n", "job.yaml:"),
        ("command: !!python/object/apply:os.system [id]\n", "job.yaml:1:10: the tag"),
    ],
)
def test_errors_have_line_and_field(text: str, told: str) -> None:
    """All in wq's own words."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.sentence.startswith(told), caught.value.sentence


_VALUES = st.sampled_from(
    (None, True, 0, -3, 2, 10**40, 1.5, float("nan"), float("inf"), "", "2", "by_node",
     "a\x1b[31m", "\u202e", "x" * 500, [], ["a", 3], [[]], {}, {"a": 1})
) | st.text(max_size=8)  # fmt: skip
_FIELDS = st.sampled_from(
    ("command", "mode", "N", "group", "notgroup", "host", "min_cores", "min_mem", "X",
     "priority", "job_name", "hostfile", "threads", "odd\x1b[31m")
)  # fmt: skip


@given(st.dictionaries(_FIELDS, _VALUES, max_size=6))
def test_anything_is_read_or_refused_in_one_line(fields: dict[str, Any]) -> None:
    """No other error, and nothing that moves a cursor in what is told."""
    said = {"command": "a", **fields}
    try:
        reading = job_of({key: (value, "j:1") for key, value in said.items()}, where="j")
    except Malformed as error:
        told = error.sentence.split("\n")
    else:
        told = [what for _, what, _ in reading.notices]
    assert all(line.isprintable() for line in told)
