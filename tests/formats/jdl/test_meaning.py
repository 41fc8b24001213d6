"""DIRAC's descriptions become jobs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.job import JobSpec
from rota.formats.jdl import read
from rota.formats.jdl.meaning import KEYS
from rota.formats.native import build


def built(doc: dict[str, Any]) -> JobSpec:
    """Return the job; its inputs are stored by whoever hands it in."""
    return build({key: value for key, value in doc.items() if key != "inputs"})


SWEEP = """[
    Executable = "run.sh";
    Arguments = "%(early version)s --scale %(scale)s";
    JobName = "sweep_%n";
    Parameters = 4;
    ParameterStart.early version = 10;
    ParameterStep.early version = 5;
    Parameters.scale = { "0.5", "1", "2", "4" };
    InputSandbox = { "run.sh", "LFN:/myvo/user/a/abc/model.dat" };
    OutputSandbox = { "std.out", "std.err", "res_%n*.csv" };
    CPUTime = 3600;
    Priority = 5;
    BannedSites = { "LCG.BAD.xx" };
    MinNumberOfProcessors = 2;  MaxNumberOfProcessors = 8;
    Tags = { "GPU" };
]"""


def test_the_vector() -> None:
    """Four jobs, each with its words and its name."""
    docs = [reading.doc for reading in read(SWEEP)]
    ends = [doc["command"].partition("exec ./run.sh ")[2] for doc in docs]
    assert ends == ["10 --scale 0.5", "15 --scale 1", "20 --scale 2", "25 --scale 4"]
    assert [doc["name"] for doc in docs] == [f"sweep_{n}" for n in range(4)]
    doc = docs[1]
    assert doc["outputs"] == ["std.out", "std.err", "res_1*.csv"]
    assert (doc["output"], doc["error"], doc["inputs"]) == (
        "std.out",
        "std.err",
        ["run.sh"],
    )
    assert (doc["cores"], doc["priority"], doc["require"]) == (2, 4, ["GPU"])
    assert doc["not_group"] == ["LCG.BAD.xx"] and doc["cwd"] == "fresh"
    assert built(doc).origin["system"] == "dirac"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('Executable = "/bin/echo"; Arguments = "a;b \'c d\'"',
         {"argv": ["/bin/echo", "a;b", "c d"], "outputs": ["none"], "name": "Name"}),
        ("Executable=ls;StdOutput=o_%j.txt;OutputSandbox=o_%j.txt",
         {"output": "o_{job}.txt", "outputs": ["o_{job}.txt"]}),
        ("Executable=ls;InputSandbox={dir/a.dat}", {"inputs": ["dir/a.dat -> a.dat"]}),
        ("Executable=ls;Site=ANY;MaxRAM=4", {"memory": f"{4 << 30} B"}),
        ("Executable=ls;Site={A.x, B.y};WholeNode=yes",
         {"group": ["A.x", "B.y"], "exclusive": True}),
        ("Executable=ls;JobGroup=my group", {"tags": ["jobgroup.my_group"]}),
        ('Executable=ls;ExecutionEnvironment={"A=1=2"}', {"env": {"A": "1=2"}}),
        ("#!/bin/sh\n#JDL Tag = big\nls\n",
         {"script": "#!/bin/sh\n#JDL Tag = big\nls\n", "require": ["big"]}),
    ],
)  # fmt: skip
def test_keys(text: str, keys: dict[str, Any]) -> None:
    """And our own reader takes them."""
    doc = read(text)[0].doc
    assert {key: doc.get(key) for key in keys} == keys
    built(doc)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("JobName = x", "job.jdl: Executable: is missing"),
        (
            "Executable=ls;\nPriority = 11",
            "job.jdl:2:1: Priority: '11' is no number from 0",
        ),
        ("Executable = {a}", "job.jdl:1:1: Executable: must be one value"),
        ("Executable=ls;Tags={{a}}", "job.jdl:1:15: Tags: must be a list of texts"),
    ],
)
def test_errors_have_line_and_key(text: str, told: str) -> None:
    """Located."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.sentence.startswith(told)


def test_what_is_not_carried_over_is_said() -> None:
    """With its line, and what holds instead."""
    notes = read("Executable=ls;\nCPUTime=100;\nNumberofProcessors=2;InputData=LFN:/a")[
        0
    ].notices
    assert [(where, what) for where, what, _ in notes] == [
        ("job.jdl:2:1", "CPUTime"), ("job.jdl:3:1", "NumberofProcessors"),
        ("job.jdl:3:22", "InputData"),
    ]  # fmt: skip


VALUE = st.text(alphabet="ab1,%sn(){}\"' \x1b", max_size=12)


@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "Arguments", "OutputSandbox", "Parameters"]), VALUE
    )
)
def test_any_values_are_a_job_or_a_located_error(said: dict[str, str]) -> None:
    """No crash, no hang."""
    text = "".join(f"{key} = {value};\n" for key, value in said.items())
    try:
        assert read(f'Executable = "ls";\n{text}')[0].doc["argv"]
    except Malformed as error:
        assert error.complaints[0].where.startswith("job.jdl")
